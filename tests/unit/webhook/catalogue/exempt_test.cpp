// Exemptions: the findings that they remove, their expiry, and the rules that they never affect.
#include <gmock/gmock.h>
#include <yaml-cpp/yaml.h>

#include <set>

#include "rules/catalogue/rule.hpp"
#include "tests/unit/webhook/clusterfixture.hpp"

namespace errand::webhook {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

json exemption(const json& spec) {
  json out = json::parse(R"({"apiVersion": "errand.dev/v1alpha1", "kind": "Exemption",
    "metadata": {"name": "old-web", "namespace": "agents", "creationTimestamp": "2026-11-20T00:00:00Z"},
    "spec": {"owner": "sre@example.com", "reason": "until moved", "expiresAt": "2026-12-01T00:00:00Z",
      "rules": [{"name": "SC202"}], "podSelector": {"matchLabels": {"app": "web"}}}})");
  out["spec"].update(spec);
  return out;
}

json hostNetworkPod() {
  json pod = plainPod();
  pod["spec"]["hostNetwork"] = true;
  return pod;
}

Reply input(const json& pod, const json& exempt, Time now = kNow) {
  ClusterFixture world;
  world.add(exempt);
  return ask(Path::Validate, admission(pod, "alice"), world, now);
}

TEST(Exemptions, AdmitWhatTheyCoverAndTellTheAuditLog) {
  const Reply reply = input(hostNetworkPod(), exemption(json::object()));
  EXPECT_TRUE(reply.allowed()) << reply.message();
  EXPECT_THAT(reply.outcome.ruleIds, IsEmpty());
  EXPECT_THAT(reply.outcome.exempted, ElementsAre("SC202"));
  EXPECT_THAT(reply.response["auditAnnotations"]["exempted"].get<std::string>(),
              HasSubstr("[SC202] pod: hostNetwork is true. Exempt by Exemption \"old-web\""));
}

TEST(Exemptions, LeaveOtherRulesAsTheyAre) {
  json pod = hostNetworkPod();
  pod["spec"]["containers"][0]["securityContext"] = {{"privileged", true}};
  const Reply reply = input(pod, exemption(json::object()));
  EXPECT_FALSE(reply.allowed());
  EXPECT_THAT(reply.outcome.ruleIds, ElementsAre("SC203"));
  EXPECT_THAT(reply.message(), ::testing::Not(HasSubstr("SC202")));
}

TEST(Exemptions, EndByTheWebhooksClock) {
  const Time end = parseTime("2026-12-01T00:00:00Z").value();
  EXPECT_TRUE(input(hostNetworkPod(), exemption(json::object()), end - Seconds{1}).allowed());
  EXPECT_FALSE(input(hostNetworkPod(), exemption(json::object()), end).allowed());
}

TEST(Exemptions, CountForNothingWithoutAnEndOrWithOneBeyondNinetyDays) {
  EXPECT_FALSE(input(hostNetworkPod(), exemption({{"expiresAt", nullptr}})).allowed());
  EXPECT_TRUE(input(hostNetworkPod(), exemption({{"expiresAt", "2027-02-18T00:00:00Z"}})).allowed());
  EXPECT_FALSE(input(hostNetworkPod(), exemption({{"expiresAt", "2027-02-18T00:00:01Z"}})).allowed());
}

TEST(Exemptions, AreForThePodsThatTheySelect) {
  EXPECT_FALSE(
      input(hostNetworkPod(), exemption({{"podSelector", {{"matchLabels", {{"app", "x"}}}}}})).allowed());
  EXPECT_FALSE(input(hostNetworkPod(), exemption({{"podSelector", nullptr}})).allowed());
  json deployment = json::parse(R"({"apiVersion": "apps/v1", "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "agents"}})");
  const json pod = hostNetworkPod();
  deployment["spec"]["template"] = {{"metadata", {{"labels", pod["metadata"]["labels"]}}},
                                    {"spec", pod["spec"]}};
  ClusterFixture world;
  world.add(exemption(json::object()));
  EXPECT_TRUE(ask(Path::Validate, objectAdmission(deployment, "alice"), world).allowed());
}

TEST(Exemptions, ThatSelectPodsCoverNothingElse) {
  ClusterFixture world;
  world.add(exemption({{"rules", {{{"name", "SC401"}}}}}));
  const json secret = {{"apiVersion", "v1"},
                       {"kind", "Secret"},
                       {"metadata", {{"name", "s"}, {"namespace", "agents"}, {"labels", {{"app", "web"}}}}},
                       {"type", "kubernetes.io/service-account-token"}};
  EXPECT_FALSE(ask(Path::Validate, objectAdmission(secret, "alice"), world).allowed());
}

TEST(Exemptions, NameOtherObjectsByKindAndName) {
  const auto allows = [](const char* kind, const char* name) {
    ClusterFixture world;
    world.add(exemption({{"podSelector", nullptr},
                         {"rules", {{{"name", "SC401"}}}},
                         {"objects", {{{"kind", kind}, {"name", name}}}}}));
    const json secret = {{"apiVersion", "v1"},
                         {"kind", "Secret"},
                         {"metadata", {{"name", "ci-token"}, {"namespace", "agents"}}},
                         {"type", "kubernetes.io/service-account-token"}};
    return ask(Path::Validate, objectAdmission(secret, "alice"), world).allowed();
  };
  EXPECT_TRUE(allows("Secret", "ci-token"));
  EXPECT_FALSE(allows("Secret", "other"));
  EXPECT_FALSE(allows("ConfigMap", "ci-token"));
}

TEST(Exemptions, NeverGiveATokenWithoutAnEndToAnAgentsAccount) {
  const auto allows = [](json object) {
    ClusterFixture world;
    world.add(exemption({{"podSelector", nullptr},
                         {"rules", {{{"name", "SC401"}}}},
                         {"objects", {{{"kind", object["kind"]}, {"name", object["metadata"]["name"]}}}}}));
    object["apiVersion"] = "v1";
    object["metadata"]["namespace"] = "agents";
    return ask(Path::Validate, objectAdmission(object, "alice"), world).allowed();
  };
  const auto tokenOf = [](const char* account) -> json {
    return {
        {"kind", "Secret"},
        {"metadata", {{"name", "ci"}, {"annotations", {{"kubernetes.io/service-account.name", account}}}}},
        {"type", "kubernetes.io/service-account-token"}};
  };
  const auto withToken = [](const char* account) -> json {
    return {{"kind", "ServiceAccount"}, {"metadata", {{"name", account}}}, {"secrets", {{{"name", "ci"}}}}};
  };
  EXPECT_TRUE(allows(tokenOf("ci")));
  EXPECT_TRUE(allows(withToken("ci")));
  for (const char* account : {"errand-g.0123456789abcdef0123", "errand-a.triage.planner"}) {
    EXPECT_FALSE(allows(tokenOf(account))) << account;
    EXPECT_FALSE(allows(withToken(account))) << account;
  }
}

TEST(Exemptions, OfSecretVolumesAreForTheSecretsThatTheyList) {
  const auto allows = [](const char* mounted, const char* listed) {
    json pod = plainPod();
    pod["spec"]["volumes"] = {{{"name", "tls"}, {"secret", {{"secretName", mounted}}}}};
    return input(pod, exemption({{"rules", {{{"name", "SC106"}}}}, {"secrets", {{{"name", listed}}}}}))
        .allowed();
  };
  EXPECT_TRUE(allows("web-tls", "web-tls"));
  EXPECT_FALSE(allows("database", "web-tls"));
  EXPECT_FALSE(allows("errand-triage-planner", "errand-triage-planner")) << "another's slot";
}

// No Exemption can switch these rules off, because they keep a task's credentials where they belong.
TEST(Exemptions, NeverTouchWhatGuardsGrants) {
  json pod = hostNetworkPod();
  pod["spec"]["serviceAccountName"] = "errand-g.0123456789abcdef0123";
  const Reply reply =
      input(pod, exemption({{"rules", {{{"name", "SC104"}}, {{"name", "SC202"}}, {{"name", "SC111"}}}}}));
  EXPECT_FALSE(reply.allowed());
  EXPECT_THAT(reply.outcome.ruleIds, ElementsAre("SC104"));
  for (const char* id : {"SC104", "SC105", "SC111", "SC190", "SC404", "SC405", "SC501", "SC502", "SC503"})
    EXPECT_FALSE(findRule(id)->exemptible) << id;
}

TEST(Exemptions, NameTheRulesThatTheSchemaLists) {
  const YAML::Node crd = YAML::LoadFile(std::string(ERRAND_SOURCE_DIR) + "/crds/errand.dev_exemptions.yaml");
  const YAML::Node spec =
      crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"];
  std::set<std::string> listed, exemptible;
  for (const YAML::Node& id : spec["rules"]["items"]["properties"]["name"]["enum"])
    listed.insert(id.as<std::string>());
  for (const Rule* rule : catalogue())
    if (rule->exemptible) exemptible.emplace(rule->id);
  EXPECT_EQ(listed, exemptible);
}

}  // namespace
}  // namespace errand::webhook
