// The rules on existing objects: the background scan has no admission request.
#include <gmock/gmock.h>

#include "rules/catalogue/rule.hpp"
#include "tests/unit/webhook/clusterfixture.hpp"

namespace errand::webhook {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> found(const json& pod, const ClusterFixture& world) {
  std::vector<std::string> out;
  for (const Finding& finding :
       evaluate(readObject(pod.dump()).value(), {"agents", "", world, kSettings}, CheckStage::Existing)
           .findings)
    out.emplace_back(finding.rule);
  return out;
}

TEST(Existing, AGrantsPodWhoseGateIsOpenIsNotHeldAgainstItsCompletion) {
  ClusterFixture world;
  world.add(identity());
  world.add(grant());
  const json patch = ask(Path::Mutate, admission(jobPod(), kJobController), world).patch();
  json pod = jobPod().patch(patch);
  ASSERT_FALSE(pod["spec"]["schedulingGates"].empty());
  pod["spec"].erase("schedulingGates");
  EXPECT_THAT(found(pod, world), IsEmpty());
  pod["metadata"]["labels"].erase("errand.dev/task-grant");
  EXPECT_THAT(found(pod, world), ElementsAre("SC104"));
}

TEST(Existing, APodIsJudgedAsAPodAloneAndEachOfItsFaultsToldOnce) {
  const json pod = {
      {"apiVersion", "v1"},
      {"kind", "Pod"},
      {"metadata", {{"name", "p"}, {"annotations", {{"db", "postgres://app:hunter2hunter2@db/app"}}}}},
      {"spec", {{"automountServiceAccountToken", false}, {"containers", json::array()}}}};
  EXPECT_THAT(found(pod, ClusterFixture()), ElementsAre("SC108"));
}

TEST(Existing, ABindingOfTheClusterMayBeToANamespaceThatTakesNoPartAndToNoOther) {
  const ClusterFixture world;
  const auto refused = [&](const char* kind, const std::string& group) {
    const json binding = {{"apiVersion", "rbac.authorization.k8s.io/v1"},
                          {"kind", kind},
                          {"metadata", {{"name", "b"}}},
                          {"roleRef", {{"kind", "ClusterRole"}, {"name", "view"}}},
                          {"subjects", {{{"kind", "Group"}, {"name", group}}}}};
    return !evaluate(readObject(binding.dump()).value(), {"free", "", world, kSettings}, CheckStage::Existing)
                .findings.empty();
  };
  EXPECT_FALSE(refused("ClusterRoleBinding", "system:serviceaccounts:free"));
  EXPECT_TRUE(refused("ClusterRoleBinding", "system:serviceaccounts:agents"));
  EXPECT_TRUE(refused("ClusterRoleBinding", "system:serviceaccounts"));
  EXPECT_TRUE(refused("RoleBinding", "system:serviceaccounts:free")) << "in a namespace that is judged";
}

}  // namespace
}  // namespace errand::webhook
