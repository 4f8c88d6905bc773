// The rule settings that the administrator gives by flags, and the effect of Exemptions on the rules that use
// them.
#include <gmock/gmock.h>

#include "rules/catalogue/catalogue.hpp"
#include "tests/unit/webhook/clusterfixture.hpp"

namespace errand::webhook {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> refused(const json& pod, const RuleSettings& settings,
                                 const ClusterFixture& world = {}) {
  return ask(Path::Validate, admission(pod, "alice"), world, kNow, settings).outcome.ruleIds;
}

json withVolume(const char* volume) {
  json pod = plainPod();
  pod["spec"]["volumes"] = {json::parse(volume)};
  return pod;
}

json withToken(std::string_view audience, int seconds) {
  json pod =
      withVolume(R"({"name": "t", "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}})");
  json& token = pod["spec"]["volumes"][0]["projected"]["sources"][0]["serviceAccountToken"];
  token["audience"] = audience;
  token["expirationSeconds"] = seconds;
  return pod;
}

TEST(RuleSettings, NameDriversThatBringNoCredential) {
  const json pod = withVolume(R"({"name": "v", "csi": {"driver": "nas.example.com"}})");
  EXPECT_THAT(refused(pod, {}), ElementsAre("SC112"));
  EXPECT_THAT(refused(pod, {.csiDrivers = {"nas.example.com"}}), IsEmpty());
  EXPECT_THAT(refused(pod, {.csiDrivers = {"nas.example"}}), ElementsAre("SC112"));
  const json known = withVolume(R"({"name": "v", "csi": {"driver": "nfs.csi.k8s.io"}})");
  EXPECT_THAT(refused(known, {.csiDrivers = {"nas.example.com"}}), IsEmpty()) << "they add to the known ones";
  EXPECT_THAT(refused(withVolume(R"({"name": "v", "csi": {}})"), {}), ElementsAre("SC112"));
}

TEST(RuleSettings, SayThatNoDraDriverBringsOne) {
  json pod = plainPod();
  pod["spec"]["resourceClaims"] = {{{"name", "gpu"}, {"resourceClaimName", "gpu"}}};
  EXPECT_THAT(refused(pod, {}), ElementsAre("SC112"));
  EXPECT_THAT(refused(pod, {.resourceClaims = true}), IsEmpty());
}

TEST(RuleSettings, NameTheAudiencesOfAMesh) {
  EXPECT_THAT(refused(withToken("istio-ca", 86400), {}), IsEmpty());
  EXPECT_THAT(refused(withToken("istio-ca", 86401), {}), ElementsAre("SC102"));
  EXPECT_THAT(refused(withToken("mesh.example", 86400), {}), ElementsAre("SC102"));
  EXPECT_THAT(refused(withToken("mesh.example", 86400), {.meshAudiences = {"mesh.example"}}), IsEmpty());
  EXPECT_THAT(refused(withToken("istio-ca", 86400), {.meshAudiences = {"mesh.example"}}),
              ElementsAre("SC102"))
      << "in place of the default";
}

TEST(RuleSettings, MakeNoMeshOfTheApiServerOrACloud) {
  for (const std::string name : {"", "https://kubernetes.default.svc", "https://oidc.example.com"}) {
    const RuleSettings settings{.apiAudiences = {"https://oidc.example.com"}, .meshAudiences = {name}};
    EXPECT_THAT(refused(withToken(name, 86400), settings), ElementsAre("SC102", "SC103")) << name;
  }
  EXPECT_THAT(refused(withToken("sts.amazonaws.com", 86400), {.meshAudiences = {"sts.amazonaws.com"}}),
              ElementsAre("SC103"));
}

TEST(RuleSettings, LeaveABaseAccountWithoutAnyToken) {
  ClusterFixture world;
  world.add(identity());
  json pod = withToken("istio-ca", 600);
  pod["metadata"]["labels"] = {{"app", "triage-bot"}};
  pod["spec"]["serviceAccountName"] = "errand-a.triage-bot.planner";
  pod["spec"].erase("serviceAccount");
  EXPECT_THAT(refused(pod, {}, world), ElementsAre("SC114"));
}

TEST(Exemptions, ReachFilesOfTheNodeDriversAndPowers) {
  json pod = withVolume(R"({"name": "v", "hostPath": {"path": "/var/log"}})");
  pod["spec"]["volumes"].push_back({{"name", "s"}, {"csi", {{"driver", "csi.spiffe.io"}}}});
  pod["spec"]["containers"][0]["securityContext"] = {{"capabilities", {{"add", {"NET_ADMIN"}}}}};
  EXPECT_THAT(refused(pod, {}), ElementsAre("SC112", "SC201", "SC203"));
  ClusterFixture world;
  world.add(json::parse(R"({"apiVersion": "errand.dev/v1alpha1", "kind": "Exemption",
    "metadata": {"name": "old-web", "namespace": "agents", "creationTimestamp": "2026-11-20T00:00:00Z"},
    "spec": {"owner": "sre@example.com", "reason": "until moved", "expiresAt": "2026-12-01T00:00:00Z",
      "rules": [{"name": "SC112"}, {"name": "SC201"}, {"name": "SC203"}], "podSelector": {"matchLabels": {"app": "web"}}}})"));
  EXPECT_THAT(refused(pod, {}, world), IsEmpty());
}

// A pod may be older than the enrolment of its namespace. The webhook then checks only the containers that
// are added, and what they mount.
TEST(EphemeralContainers, MountNoFolderOfTheNode) {
  json old = withVolume(R"({"name": "v", "hostPath": {"path": "/var/log"}})");
  old["spec"]["containers"][0]["volumeMounts"] = {{{"name", "v"}, {"mountPath", "/v"}}};
  old["spec"]["containers"][0]["securityContext"] = {{"privileged", true}};
  json pod = old;
  pod["spec"]["ephemeralContainers"] = {{{"name", "debug"}, {"image", "d"}}};
  const auto verdict = [&] {
    return ask(Path::Validate, admission(pod, "alice", "UPDATE", "ephemeralcontainers", old),
               ClusterFixture())
        .outcome.ruleIds;
  };
  EXPECT_THAT(verdict(), IsEmpty());
  pod["spec"]["ephemeralContainers"][0]["volumeMounts"] = {
      {{"name", "v"}, {"mountPath", "/v"}, {"readOnly", true}}};
  EXPECT_THAT(verdict(), ElementsAre("SC201"));
}

}  // namespace
}  // namespace errand::webhook
