#include "core/base/pem.hpp"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace errand {
namespace {

std::string text(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

struct PemTest : testing::Test {
  KeyPtr key{EVP_EC_gen("P-256")};

  std::string keyText(const EVP_CIPHER* cipher = nullptr) const {
    const BioPtr out(BIO_new(BIO_s_mem()));
    char passphrase[] = "passphrase";
    PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), cipher, passphrase, cipher == nullptr ? 0 : 10,
                                  nullptr, nullptr);
    return text(out.get());
  }
  std::string certificate(long serial) const {
    const X509Ptr made(X509_new());
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), 60);
    X509_set_pubkey(made.get(), key.get());
    X509_sign(made.get(), key.get(), EVP_sha256());
    const BioPtr out(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(out.get(), made.get());
    return text(out.get());
  }
  static long serialOf(const X509Ptr& one) { return ASN1_INTEGER_get(X509_get0_serialNumber(one.get())); }
};

TEST_F(PemTest, AllCertificatesInTheirOrder) {
  const PemCertificates read = readCertificates(certificate(1) + "between\n" + certificate(2));
  ASSERT_EQ(read.certificates.size(), 2U);
  EXPECT_TRUE(read.whole);
  EXPECT_EQ(serialOf(read.certificates[0]), 1);
  EXPECT_EQ(serialOf(read.certificates[1]), 2);
  EXPECT_EQ(serialOf(readCertificate(certificate(7) + certificate(8))), 7);
}

TEST_F(PemTest, ABrokenOneEndsTheReading) {
  std::string broken = certificate(2);
  broken.replace(broken.find('\n') + 1, 4, "!!!!");
  const PemCertificates read = readCertificates(certificate(1) + broken + certificate(3));
  EXPECT_EQ(read.certificates.size(), 1U);
  EXPECT_FALSE(read.whole);
  EXPECT_NE(read.reason, "");
}

TEST_F(PemTest, NoneInOtherText) {
  for (const char* other : {"", "hello", "-----BEGIN CERTIFICATE-----"}) {
    EXPECT_TRUE(readCertificates(other).certificates.empty()) << other;
    EXPECT_EQ(readCertificate(other), nullptr) << other;
  }
  EXPECT_EQ(opensslReason("none"), "none") << "no error is left behind";
}

TEST_F(PemTest, KeysAreNeverAskedAPassphraseFor) {
  EXPECT_NE(readKey(Sensitive(keyText())), nullptr);
  EXPECT_EQ(readKey(Sensitive(keyText(EVP_aes_256_cbc()))), nullptr);
  EXPECT_NE(opensslReason("none"), "none");
}

}  // namespace
}  // namespace errand
