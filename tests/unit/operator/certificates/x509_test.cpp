#include "operator/certificates/x509.hpp"

#include <gmock/gmock.h>

#include "core/serve/tls.hpp"

namespace errand::certificates {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class Certificates : public testing::Test {
 protected:
  const Time now_ = std::chrono::floor<Seconds>(systemClock().now());
  const Pair authority_ = *makeAuthority(24h, now_);
};

TEST_F(Certificates, AServingCertificateVerifiesAgainstItsAuthorityAlone) {
  const auto serving =
      makeServing(authority_, {"errand-webhook.errand-system.svc", "127.0.0.1", "::1"}, 1h, now_);
  ASSERT_TRUE(serving) << serving.error().message;
  const Pair other = *makeAuthority(24h, now_);
  EXPECT_TRUE(serve::verifyChain(serving->certificate, authority_.certificate, now_));
  EXPECT_TRUE(serve::verifyChain(serving->certificate, other.certificate + authority_.certificate, now_));
  EXPECT_FALSE(serve::verifyChain(serving->certificate, other.certificate, now_));
  EXPECT_FALSE(serve::verifyChain(serving->certificate, "", now_));
  EXPECT_FALSE(serve::verifyChain(serving->certificate, authority_.certificate, now_ + 2h));
  EXPECT_TRUE(signedBy(serving->certificate, authority_.certificate));
  EXPECT_FALSE(signedBy(serving->certificate, other.certificate));
  EXPECT_TRUE(serve::makeCertificate(serving->certificate, serving->key)) << "the server takes the pair";
}

TEST_F(Certificates, FactsAreWhatWasAskedFor) {
  const auto serving = makeServing(authority_, {"a.example", "127.0.0.1", "::1"}, 1h, now_);
  const auto info = read(serving->certificate);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->front().notAfter, now_ + 1h);
  EXPECT_THAT(info->front().names, ElementsAre("a.example", "127.0.0.1", "::1"));
  EXPECT_TRUE(belongs(serving->certificate, serving->key));
  EXPECT_FALSE(belongs(serving->certificate, authority_.key));
  EXPECT_FALSE(belongs(serving->certificate, Sensitive("")));
}

TEST_F(Certificates, NothingOutlivesItsAuthority) {
  EXPECT_EQ(read(makeServing(authority_, {"a"}, 48h, now_)->certificate)->front().notAfter, now_ + 24h);
}

TEST_F(Certificates, ReadsABundleInOrderAndRefusesWhatIsNone) {
  const Pair other = *makeAuthority(48h, now_);
  const auto both = read(other.certificate + authority_.certificate);
  ASSERT_TRUE(both);
  EXPECT_EQ(both->size(), 2u);
  EXPECT_EQ((*both)[1].pem, authority_.certificate);
  EXPECT_FALSE(read(""));
  EXPECT_FALSE(read("nonsense"));
  EXPECT_FALSE(read(authority_.certificate.substr(0, 200) + "\n-----END CERTIFICATE-----\n"));
}

}  // namespace
}  // namespace errand::certificates
