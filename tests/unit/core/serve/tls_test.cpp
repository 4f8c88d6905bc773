#include "core/serve/tls.hpp"

#include <gmock/gmock.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <filesystem>
#include <fstream>

#include "tests/unit/core/serve/certificates.hpp"

namespace errand::serve {
namespace {

using test::makePair;
using test::Pair;
using testing::HasSubstr;
using testing::Not;

struct Outcome {
  bool done = false;
  std::string subject, protocol, alpn;
};

// A handshake over memory. `prepare` sets what the client offers.
template <class Prepare>
Outcome handshake(const TlsContext& serverContext, Prepare prepare) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> clientContext(SSL_CTX_new(TLS_client_method()),
                                                                        SSL_CTX_free);
  const std::unique_ptr<SSL, decltype(&SSL_free)> client(SSL_new(clientContext.get()), SSL_free);
  const std::unique_ptr<SSL, decltype(&SSL_free)> server(SSL_new(serverContext.get()), SSL_free);
  prepare(client.get());
  BIO *clientSide = nullptr, *serverSide = nullptr;
  BIO_new_bio_pair(&clientSide, 0, &serverSide, 0);
  SSL_set_bio(client.get(), clientSide, clientSide);
  SSL_set_bio(server.get(), serverSide, serverSide);
  SSL_set_connect_state(client.get());
  SSL_set_accept_state(server.get());

  bool bothDone = false;
  for (int round = 0; round < 10 && !bothDone; ++round) {
    const int c = SSL_do_handshake(client.get());
    const int s = SSL_do_handshake(server.get());
    bothDone = c == 1 && s == 1;
  }
  ERR_clear_error();
  Outcome outcome;
  outcome.done = bothDone;
  if (!bothDone) return outcome;
  const std::unique_ptr<X509, decltype(&X509_free)> peer(SSL_get1_peer_certificate(client.get()), X509_free);
  char subject[128] = {};
  X509_NAME_get_text_by_NID(X509_get_subject_name(peer.get()), NID_commonName, subject, sizeof subject);
  outcome.subject = subject;
  outcome.protocol = SSL_get_version(client.get());
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(client.get(), &chosen, &size);
  if (chosen != nullptr) outcome.alpn.assign(reinterpret_cast<const char*>(chosen), size);
  return outcome;
}

Outcome handshake(const TlsContext& context) {
  return handshake(context, [](SSL*) {});
}

TlsContext contextOf(const Pair& pair) {
  Result<Certificate> made = makeCertificate(pair.certificate, Sensitive(pair.key));
  EXPECT_TRUE(made) << made.error().message;
  return made ? made->context : nullptr;
}

class Files : public testing::Test {
 protected:
  Files() { std::filesystem::create_directories(folder_); }
  ~Files() override { std::filesystem::remove_all(folder_); }

  void write(const Pair& pair) {
    std::ofstream(files_.certificate) << pair.certificate;
    std::ofstream(files_.key) << pair.key;
  }

  const std::filesystem::path folder_ = std::filesystem::path(testing::TempDir()) /
                                        ("tls_" + std::to_string(::getpid()) + "_" +
                                         testing::UnitTest::GetInstance()->current_test_info()->name());
  const CertificateFiles files_{folder_ / "tls.crt", folder_ / "tls.key"};
};

TEST(Tls, ShakesHandsByTls13) {
  const Outcome outcome = handshake(contextOf(makePair("front")));
  EXPECT_TRUE(outcome.done);
  EXPECT_EQ(outcome.subject, "front");
  EXPECT_EQ(outcome.protocol, "TLSv1.3");
}

TEST(Tls, TakesTls12AndNothingOlder) {
  const TlsContext context = contextOf(makePair("front"));
  EXPECT_EQ(handshake(context, [](SSL* c) { SSL_set_max_proto_version(c, TLS1_2_VERSION); }).protocol,
            "TLSv1.2");
  const Outcome older = handshake(context, [](SSL* c) {
    SSL_set_security_level(c, 0);
    SSL_set_min_proto_version(c, TLS1_VERSION);
    SSL_set_max_proto_version(c, TLS1_1_VERSION);
  });
  EXPECT_FALSE(older.done);
}

TEST(Tls, RefusesCiphersWithoutForwardSecrecy) {
  const Outcome outcome = handshake(contextOf(makePair("front")), [](SSL* c) {
    SSL_set_max_proto_version(c, TLS1_2_VERSION);
    SSL_set_cipher_list(c, "ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES128-SHA256");
  });
  EXPECT_FALSE(outcome.done);
}

TEST(Tls, ChoosesHttp11) {
  const TlsContext context = contextOf(makePair("front"));
  const auto offering = [](std::string_view protocols) {
    return [protocols](SSL* c) {
      SSL_set_alpn_protos(c, reinterpret_cast<const unsigned char*>(protocols.data()),
                          static_cast<unsigned>(protocols.size()));
    };
  };
  EXPECT_EQ(handshake(context, offering("\x02h2\x08http/1.1")).alpn, "http/1.1");
  EXPECT_FALSE(handshake(context, offering("\x02h2")).done);
}

// The authority and the name are both checked.
TEST(Tls, ServesTheNamedClientOfTheAuthorityAlone) {
  const Pair authority = makePair("authority"), stranger = makePair("authority"), server = makePair("front");
  const TlsContext context = makeCertificate(server.certificate, Sensitive(server.key),
                                             ClientAuthority{authority.certificate, "api"})
                                 ->context;
  const auto as = [&](const Pair& pair) {
    return handshake(context,
                     [pair](SSL* client) {
                       X509* const certificate = test::readCertificate(pair.certificate);
                       EVP_PKEY* const key = test::readKey(pair.key);
                       SSL_use_certificate(client, certificate);
                       SSL_use_PrivateKey(client, key);
                       X509_free(certificate);
                       EVP_PKEY_free(key);
                     })
        .done;
  };
  EXPECT_TRUE(as(makePair("api", -60, 3600, &authority)));
  EXPECT_FALSE(as(makePair("node", -60, 3600, &authority))) << "another name";
  EXPECT_FALSE(as(makePair("api", -60, 3600, &stranger))) << "another authority";
  EXPECT_FALSE(as(makePair("api", -7200, -3600, &authority))) << "expired";
  EXPECT_FALSE(handshake(context).done) << "no certificate";
  EXPECT_FALSE(makeCertificate(server.certificate, Sensitive(server.key), ClientAuthority{"garbage", "api"}));
}

// The same certificate with a notAfter that is no time.
std::string withoutEnd(const std::string& pem) {
  X509* certificate = test::readCertificate(pem);
  ASN1_STRING_set(X509_getm_notAfter(certificate), "3611<xENjI2Z", 12);
  unsigned char* encoded = nullptr;
  OPENSSL_free(i2d_re_X509_tbs(certificate, &encoded) > 0 ? encoded : nullptr);
  BIO* out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(out, certificate);
  X509_free(certificate);
  return test::takePem(out);
}

TEST(Tls, RefusesWhatIsNoPair) {
  const Pair one = makePair("one"), two = makePair("two");
  const struct {
    std::string certificate, key;
    const char* says;
  } cases[] = {
      {"", one.key, "certificate: "},
      {"garbage", one.key, "certificate: "},
      {one.certificate, "", "private key: "},
      {one.certificate, two.key, "private key: key values mismatch"},
      {one.certificate + one.certificate.substr(0, 200) + "\n-----END CERTIFICATE-----\n", one.key,
       "certificate chain: "},
      {one.certificate + withoutEnd(two.certificate), one.key, "bad notAfter"},
  };
  for (const auto& c : cases) {
    const Result<Certificate> made = makeCertificate(c.certificate, Sensitive(c.key));
    ASSERT_FALSE(made) << c.says;
    EXPECT_EQ(made.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(made.error().message, HasSubstr(c.says));
  }
}

TEST(Tls, RefusesAnEncryptedKeyWithoutAskingTheTerminal) {
  const Pair pair = makePair("front");
  BIO* plain = BIO_new_mem_buf(pair.key.data(), static_cast<int>(pair.key.size()));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(plain, nullptr, nullptr, nullptr);
  BIO_free(plain);
  BIO* encrypted = BIO_new(BIO_s_mem());
  char passphrase[] = "passphrase";
  PEM_write_bio_PrivateKey(encrypted, key, EVP_aes_128_cbc(), nullptr, 0, nullptr, passphrase);
  EVP_PKEY_free(key);
  EXPECT_FALSE(makeCertificate(pair.certificate, Sensitive(test::takePem(encrypted))));
}

TEST_F(Files, AbsentFilesAreNamed) {
  const auto source = CertificateSource::open(files_);
  ASSERT_FALSE(source);
  EXPECT_THAT(source.error().message, HasSubstr(files_.certificate));
}

TEST_F(Files, ARenewedPairServesFurtherConnections) {
  write(makePair("before"));
  const auto source = CertificateSource::open(files_);
  ASSERT_TRUE(source) << source.error().message;
  EXPECT_EQ(handshake((*source)->context()).subject, "before");
  EXPECT_FALSE(*(*source)->refresh());

  const TlsContext kept = (*source)->context();
  write(makePair("after"));
  EXPECT_TRUE(*(*source)->refresh());
  EXPECT_EQ(handshake((*source)->context()).subject, "after");
  EXPECT_EQ(handshake(kept).subject, "before");
}

TEST_F(Files, ABadPairIsReportedOnceAndTheOldOneKept) {
  const Pair before = makePair("before"), after = makePair("after");
  write(before);
  const auto source = CertificateSource::open(files_);
  ASSERT_TRUE(source) << source.error().message;

  write({after.certificate, before.key});
  const Result<bool> refused = (*source)->refresh();
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr(files_.key));
  EXPECT_THAT(refused.error().message, Not(HasSubstr("PRIVATE KEY")));
  EXPECT_FALSE((*source)->refresh().value_or(true));
  EXPECT_EQ(handshake((*source)->context()).subject, "before");

  write(after);
  EXPECT_TRUE(*(*source)->refresh());
  EXPECT_EQ(handshake((*source)->context()).subject, "after");
}

TEST_F(Files, ValidityIsJudgedByTheGivenTime) {
  write(makePair("front", -60, 3600));
  const auto source = CertificateSource::open(files_);
  ASSERT_TRUE(source) << source.error().message;
  const Time now = systemClock().now();
  EXPECT_TRUE((*source)->valid(now));
  EXPECT_THAT((*source)->valid(now - std::chrono::hours(1)).error().message, HasSubstr("not valid before"));
  EXPECT_THAT((*source)->valid(now + std::chrono::hours(2)).error().message, HasSubstr("expired at"));
}

}  // namespace
}  // namespace errand::serve
