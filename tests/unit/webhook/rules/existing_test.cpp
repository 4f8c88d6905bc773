// What the rules say of pods that exist: the background scan has no request to go by.
#include <gmock/gmock.h>

#include "tests/unit/webhook/world.hpp"
#include "webhook/rules/rule.hpp"

namespace errand::webhook {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> found(const json& pod, const World& world) {
  const Views views = world.views();
  std::vector<std::string> out;
  for (const Finding& finding :
       judge(readObject(pod.dump()).value(), {"agents", "", views}, Stage::Exists).findings)
    out.emplace_back(finding.rule);
  return out;
}

TEST(Existing, AGrantsPodWhoseGateIsOpenIsNotHeldAgainstItsCompletion) {
  World world;
  world.add(identity());
  world.add(grant());
  const json patch = ask(Path::Mutate, admission(jobPod(), kJobController), world.views()).patch();
  json pod = jobPod().patch(patch);
  ASSERT_FALSE(pod["spec"]["schedulingGates"].empty());
  pod["spec"].erase("schedulingGates");
  EXPECT_THAT(found(pod, world), IsEmpty());
  pod["metadata"]["labels"].erase("errand.dev/task-grant");
  EXPECT_THAT(found(pod, world), ElementsAre("SC104"));
}

}  // namespace
}  // namespace errand::webhook
