// Certificates that parse, and those that do not. The pairs are made for the test.
#include "core/kube/http/tls.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <string>

namespace errand::kube {
namespace {

std::string text(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string out(data, static_cast<size_t>(size));
  BIO_free(bio);
  return out;
}

struct Pair {
  std::string certificate, key;
};

Pair selfSigned() {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  X509_sign(certificate, key, EVP_sha256());
  BIO* first = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(first, certificate);
  BIO* second = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(second, key, nullptr, nullptr, 0, nullptr, nullptr);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return {text(first), text(second)};
}

std::string whyNot(const std::string& ca, const std::string& certificate, const std::string& key) {
  const auto material = TlsMaterial::parse(ca, certificate, Sensitive(key));
  return material ? "" : material.error().message;
}

TEST(TlsMaterialTest, TrustsTheGivenAuthoritiesAlone) {
  const Pair a = selfSigned(), b = selfSigned();
  const auto material = TlsMaterial::parse(a.certificate + b.certificate, a.certificate, Sensitive(a.key));
  ASSERT_TRUE(material.has_value()) << material.error().message;
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_default_verify_paths(context);
  material->applyTo(context);
  EXPECT_EQ(sk_X509_OBJECT_num(X509_STORE_get0_objects(SSL_CTX_get_cert_store(context))), 2)
      << "the system's roots have gone";
  EXPECT_EQ(SSL_CTX_get_min_proto_version(context), TLS1_2_VERSION);
  EXPECT_NE(SSL_CTX_get0_privatekey(context), nullptr);
  SSL_CTX_free(context);
}

TEST(TlsMaterialTest, NothingIsRequired) { EXPECT_EQ(whyNot("", "", ""), ""); }

TEST(TlsMaterialTest, WhatDoesNotParseIsNamed) {
  const Pair a = selfSigned(), b = selfSigned();
  EXPECT_EQ(whyNot("junk", "", ""), "certificate authority: not a PEM certificate");
  EXPECT_EQ(whyNot(a.certificate + "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n", "", ""),
            "certificate authority: not a PEM certificate");
  EXPECT_EQ(whyNot("", "junk", a.key), "client certificate: not a PEM certificate");
  const std::string wrongKey = "client key: not the unencrypted PEM key of the client certificate";
  EXPECT_EQ(whyNot("", a.certificate, b.key), wrongKey);
  EXPECT_EQ(whyNot("", a.certificate, "junk"), wrongKey);
  EXPECT_EQ(whyNot("", a.certificate, ""), wrongKey);
}

}  // namespace
}  // namespace errand::kube
