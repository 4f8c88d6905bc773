// Which header and which certificates a request gets, and when they are others.
#include "core/kube/auth/credentials.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/unit/core/kube/fakes.hpp"
#include "tests/unit/core/kube/pair.hpp"

namespace errand::kube {
namespace {

struct CredentialsTest : testing::Test {
  FakeClock clock;
  const std::string file = testing::TempDir() + testing::UnitTest::GetInstance()->current_test_info()->name();

  void write(const std::string& text) const { std::ofstream(file, std::ios::trunc) << text; }
  void plugin(const nlohmann::json& status) const {
    write(nlohmann::json{
        {"apiVersion", "client.authentication.k8s.io/v1"}, {"kind", "ExecCredential"}, {"status", status}}
              .dump());
  }
  std::unique_ptr<Credentials> make(bool exec) const {
    Config config;
    config.server = "https://h";
    if (exec)
      config.exec = ExecSpec{.apiVersion = "client.authentication.k8s.io/v1",
                             .command = "cat",
                             .args = {file},
                             .env = {},
                             .provideClusterInfo = false,
                             .installHint = {}};
    else
      config.tokenFile = file;
    return std::move(*Credentials::make(std::move(config), clock));
  }
  static Result<Credential> get(Credentials& from) {
    return from.get({}, std::chrono::steady_clock::now() + Seconds{20});
  }
};

TEST_F(CredentialsTest, ATokenFileIsReadAgainAfterARefusal) {
  write("one");
  const auto credentials = make(false);
  const auto first = get(*credentials);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->authorization.reveal(), "Bearer one");
  write("two");
  EXPECT_EQ(get(*credentials)->authorization.reveal(), "Bearer one");
  credentials->refused();
  const auto second = get(*credentials);
  EXPECT_EQ(second->authorization.reveal(), "Bearer two");
  EXPECT_EQ(second->tls, first->tls) << "connections are kept";
}

TEST_F(CredentialsTest, TheOwnerOfATokenComesWithoutOurCertificate) {
  const Pair pair = selfSigned();
  Config config;
  config.server = "https://h";
  config.token = Sensitive("ours");
  config.clientCertificatePem = pair.certificate;
  config.clientKeyPem = Sensitive(pair.key);
  const auto credentials = std::move(*Credentials::make(std::move(config), clock));
  const auto sends = [](const Credential& credential) {
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                    SSL_CTX_free);
    credential.tls->applyTo(context.get());
    return SSL_CTX_get0_certificate(context.get()) != nullptr;
  };
  EXPECT_TRUE(sends(*get(*credentials)));
  const auto other = credentials->ofToken(Sensitive("theirs"));
  ASSERT_TRUE(other.has_value());
  EXPECT_EQ(other->authorization.reveal(), "Bearer theirs");
  EXPECT_FALSE(sends(*other));
}

TEST_F(CredentialsTest, APluginsCertificateMakesOtherConnectionsAndItsTokenDoesNot) {
  const Pair a = selfSigned(), b = selfSigned();
  plugin({{"clientCertificateData", a.certificate}, {"clientKeyData", a.key}});
  const auto credentials = make(true);
  const auto first = get(*credentials);
  ASSERT_TRUE(first.has_value()) << first.error().message;
  EXPECT_TRUE(first->authorization.empty());
  EXPECT_EQ(get(*credentials)->tls, first->tls);
  plugin({{"clientCertificateData", b.certificate}, {"clientKeyData", b.key}});
  clock.advance(Seconds{10});
  credentials->refused();
  EXPECT_NE(get(*credentials)->tls, first->tls);
  plugin({{"token", "t"}});
  clock.advance(Seconds{10});
  credentials->refused();
  const auto third = get(*credentials);
  EXPECT_EQ(third->authorization.reveal(), "Bearer t");
  plugin({{"token", "u"}});
  clock.advance(Seconds{10});
  credentials->refused();
  const auto fourth = get(*credentials);
  EXPECT_EQ(fourth->authorization.reveal(), "Bearer u");
  EXPECT_EQ(fourth->tls, third->tls);
}

TEST_F(CredentialsTest, APluginsBadCertificateIsNamedAndNotQuoted) {
  plugin({{"clientCertificateData", "SECRET"}, {"clientKeyData", "SECRET"}});
  const auto given = get(*make(true));
  ASSERT_FALSE(given.has_value());
  EXPECT_THAT(given.error().message, testing::HasSubstr("user.exec: client certificate"));
  EXPECT_THAT(given.error().message, testing::Not(testing::HasSubstr("SECRET")));
}

}  // namespace
}  // namespace errand::kube
