// Certificates that parse, and those that do not. The pairs are made for the test.
#include "core/kube/auth/tls.hpp"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <string>

#include "tests/unit/core/kube/pair.hpp"

namespace errand::kube {
namespace {

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
