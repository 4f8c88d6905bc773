// If two identities name the same slot, no pod may mount it.
#include <gmock/gmock.h>

#include "tests/unit/webhook/clusterfixture.hpp"

namespace errand::webhook {
namespace {

using ::testing::HasSubstr;

json named(const char* name) {
  json out = identity();
  out["metadata"]["name"] = name;
  out["spec"]["toolClasses"][0]["name"] = "greedy";
  return out;
}

json holder(const std::string& account) {
  json pod = plainPod();
  pod["metadata"]["labels"]["app"] = "triage-bot";
  pod["spec"]["serviceAccountName"] = pod["spec"]["serviceAccount"] = account;
  pod["spec"]["volumes"] = {
      {{"name", "slot"}, {"secret", {{"secretName", "errand-triage-planner"}, {"optional", true}}}}};
  return pod;
}

// Admission rejects an identity that names the slot of another, but its cache may not have the other one yet.
TEST(Slots, OneThatTwoIdentitiesNameIsForThePodsOfNeither) {
  for (const char* claiming : {"aaa", "zzz"}) {
    ClusterFixture world;
    world.add(identity());
    const auto input = [&](const std::string& account) {
      return ask(Path::Validate, admission(holder(account), "alice"), world).message();
    };
    EXPECT_EQ(input("errand-a.triage-bot.planner"), "");
    world.add(named(claiming));
    EXPECT_THAT(input("errand-a.triage-bot.planner"),
                HasSubstr("[SC111] volume \"slot\" is the slot of tool class \"greedy\" of AgentIdentity \"" +
                          std::string(claiming) + "\", and the pod is of \"errand-a.triage-bot.planner\""));
    EXPECT_THAT(input("errand-a." + std::string(claiming) + ".greedy"),
                HasSubstr("[SC111] volume \"slot\" is the slot of tool class \"planner\" of AgentIdentity "
                          "\"triage-bot\""));
    EXPECT_THAT(input("default"), HasSubstr("and the pod already has that of"));
  }
}

}  // namespace
}  // namespace errand::webhook
