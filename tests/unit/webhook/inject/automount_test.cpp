#include "rules/inject/automount.hpp"

#include <gmock/gmock.h>

#include "tests/unit/webhook/clusterfixture.hpp"

namespace errand::webhook {
namespace {

Reply mutate(const json& pod) { return ask(Path::Mutate, admission(pod, "alice"), ClusterFixture()); }

TEST(Automount, TakesOutWhatTheServiceAccountAdmissionAdded) {
  json pod = plainPod();
  pod["spec"]["initContainers"] =
      json::parse(R"([{"name": "setup", "volumeMounts": [{"name": "work", "mountPath": "/w"}]}])");
  pod["spec"]["volumes"] = json::parse(R"([{"name": "work", "emptyDir": {}}])");
  const json before = withApiVolume(pod);
  const json after = before.patch(mutate(before).patch());
  EXPECT_EQ(after["spec"]["automountServiceAccountToken"], false);
  EXPECT_EQ(after["spec"]["volumes"], pod["spec"]["volumes"]);
  EXPECT_EQ(after["spec"]["initContainers"], pod["spec"]["initContainers"]);
  EXPECT_EQ(after["spec"]["containers"][0]["volumeMounts"], json::array());
  EXPECT_EQ(mutate(after).patch(), json::array());
}

TEST(Automount, LeavesASetFieldToTheRule) {
  for (const bool value : {true, false}) {
    json pod = plainPod();
    pod["spec"]["automountServiceAccountToken"] = value;
    EXPECT_EQ(mutate(pod).patch(), json::array());
  }
}

TEST(Automount, KeepsVolumesOfOtherNamesAndWithoutAnApiToken) {
  json pod = plainPod();
  pod["spec"].erase("automountServiceAccountToken");
  pod["spec"]["volumes"] = json::parse(R"([
    {"name": "kube-api-access-mine", "emptyDir": {}},
    {"name": "kube-api-access-aud", "projected": {"sources": [{"serviceAccountToken": {"audience": "x", "path": "t"}}]}},
    {"name": "mine", "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}])");
  const json after = pod.patch(mutate(pod).patch());
  EXPECT_EQ(after["spec"]["volumes"], pod["spec"]["volumes"]);
}

TEST(Automount, RemovesSeveralFromTheEnd) {
  json pod = withApiVolume(withApiVolume(plainPod()));
  pod["spec"]["volumes"][1]["name"] = "kube-api-access-b";
  pod["spec"]["containers"][0]["volumeMounts"][1]["name"] = "kube-api-access-b";
  const json after = pod.patch(mutate(pod).patch());
  EXPECT_EQ(after["spec"]["volumes"], json::array());
  EXPECT_EQ(after["spec"]["containers"][0]["volumeMounts"], json::array());
}

}  // namespace
}  // namespace errand::webhook
