// Which objects the rules about stored credentials look at: what a case in a file, refused by other rules as
// well, cannot tell.
#include <gmock/gmock.h>

#include "core/base/crypto.hpp"
#include "rules/catalogue/rule.hpp"
#include "tests/unit/webhook/clusterfixture.hpp"

namespace errand::webhook {
namespace {

using ::testing::Contains;
using ::testing::Not;

std::string endlessToken() {
  const auto part = [](std::string_view text) {
    std::string out = base64Encode(text);
    std::erase(out, '=');
    return out;
  };
  return part(R"({"alg":"RS256"})") + "." + part(R"({"sub":"system:serviceaccount:agents:deployer"})") +
         ".c2lnbmF0dXJl";
}

json holding(const char* kind, const char* field) {
  json out = {
      {"apiVersion", "v1"}, {"kind", kind}, {"metadata", {{"name", "held"}, {"namespace", "agents"}}}};
  out[field] = {{"token", endlessToken()}};
  return out;
}

std::vector<std::string> rulesOf(const json& object, std::string_view user) {
  return ask(Path::Validate, objectAdmission(object, user), ClusterFixture()).outcome.ruleIds;
}

TEST(Stored, TokensInSecretsAreOfSc402AndThoseInConfigMapsAreNot) {
  EXPECT_THAT(rulesOf(holding("Secret", "stringData"), "alice"), Contains("SC402"));
  EXPECT_THAT(rulesOf(holding("ConfigMap", "data"), "alice"), Not(Contains("SC402")));
}

TEST(Stored, TheOperatorFillsItsSlots) {
  EXPECT_THAT(rulesOf(holding("Secret", "stringData"), kOperator), Not(Contains("SC402")));
}

json certificate(const char* apiVersion, const char* kind, const json& spec) {
  return {{"apiVersion", apiVersion},
          {"kind", kind},
          {"metadata", {{"name", "c"}, {"namespace", "agents"}}},
          {"spec", spec}};
}

TEST(Stored, OtherKindsWithTheFieldsOfACertificateAreNotOfSc403) {
  const json spec = {{"usages", {"client auth"}}, {"duration", "2160h"}};
  for (const char* kind : {"Certificate", "CertificateRequest"}) {
    EXPECT_THAT(rulesOf(certificate("cert-manager.io/v1", kind, spec), "alice"), Contains("SC403")) << kind;
    EXPECT_THAT(rulesOf(certificate("example.com/v1", kind, spec), "alice"), Not(Contains("SC403"))) << kind;
  }
  EXPECT_THAT(rulesOf(certificate("cert-manager.io/v1", "Issuer", spec), "alice"), Not(Contains("SC403")));
}

TEST(Stored, ADurationThatIsNoneCountsAsLonger) {
  for (const char* life : {"", "soon", "-1h", "90d"})
    EXPECT_THAT(rulesOf(certificate("cert-manager.io/v1", "Certificate",
                                    {{"usages", {"client auth"}}, {"duration", life}}),
                        "alice"),
                Contains("SC403"))
        << life;
}

}  // namespace
}  // namespace errand::webhook
