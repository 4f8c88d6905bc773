// The problems that keep a grant from starting.
#include "core/policy/starting.hpp"

#include <gmock/gmock.h>

namespace errand::policy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<Reason> reasonsOf(const std::vector<Problem>& problems) {
  std::vector<Reason> out;
  for (const Problem& problem : problems) out.push_back(problem.reason);
  return out;
}

GrantState state() {
  api::TaskGrant grant;
  grant.meta.name = "task";
  grant.meta.ns = "agents";
  grant.spec.toolClass = "fixer";
  grant.spec.workload = {api::WorkloadKind::Job, "fix"};
  api::AgentIdentity identity;
  identity.podSelector.matchLabels = {{"app", "bot"}};
  identity.toolClasses.emplace_back();
  identity.toolClasses[0].name = "fixer";
  identity.toolClasses[0].slotSecretName = "errand-bot-fixer";
  GrantState out;
  out.grant = std::make_shared<const api::TaskGrant>(grant);
  out.identity = std::make_shared<const api::AgentIdentity>(identity);
  out.ns.enforced = true;
  out.workload.emplace();
  out.workload->podLabels = {{"app", "bot"}, {"errand.dev/task-grant", "task"}};
  return out;
}

TEST(Starting, TheNamespaceMustBeEnforced) {
  GrantState s = state();
  EXPECT_FALSE(enforcementProblem(s));
  s.ns.enforced = false;
  EXPECT_EQ(enforcementProblem(s)->reason, Reason::NamespaceNotEnforced);
}

TEST(Starting, ThePodsMustReceiveTheCredentials) {
  GrantState s = state();
  EXPECT_THAT(workloadProblems(s), IsEmpty());
  s.workload->podLabels.clear();
  EXPECT_THAT(reasonsOf(workloadProblems(s)),
              ElementsAre(Reason::BeyondCeiling, Reason::WorkloadNotLabelled));
  auto slot = *s.grant;
  slot.spec.delivery = api::DeliveryMode::Slot;
  s.grant = std::make_shared<const api::TaskGrant>(slot);
  EXPECT_THAT(reasonsOf(workloadProblems(s)), ElementsAre(Reason::BeyondCeiling, Reason::SlotNotMounted));
  s.workload.reset();
  EXPECT_THAT(workloadProblems(s), IsEmpty());
}

TEST(Starting, ARoleMustExistAndBeBindable) {
  const auto of = [](const char* name, std::optional<bool> exists, std::optional<bool> mayBind) {
    return reasonsOf(roleProblems({{"Role", name}, "spec.access.roles[0]", exists, mayBind}, "agents"));
  };
  EXPECT_THAT(of("reader", true, true), IsEmpty());
  EXPECT_THAT(of("reader", std::nullopt, std::nullopt), IsEmpty()) << "not known";
  EXPECT_THAT(of("reader", false, std::nullopt), ElementsAre(Reason::RoleNotFound));
  EXPECT_THAT(of("reader", true, false), ElementsAre(Reason::MayNotBind));
  EXPECT_THAT(of("errand-operator-bind", true, true), ElementsAre(Reason::MayNotBind));
}

TEST(Starting, ADangerousRoleMustBeAccepted) {
  const RoleState role{{"Role", "reader"}, "spec.access.roles[0]", true, true};
  const std::vector<Danger> dangers = {{0, "get", "secrets", "its answers hold the values of Secrets"}};
  api::ToolClass c;
  EXPECT_FALSE(dangerProblem(role, dangers, c, "bot")) << "the ceiling refuses it";
  c.access.roles = {{"reader", false}};
  EXPECT_THAT(dangerProblem(role, dangers, c, "bot")->message, HasSubstr("dangerous: Accepted"));
  EXPECT_FALSE(dangerProblem(role, {}, c, "bot"));
  c.access.roles = {{"reader", true}};
  EXPECT_FALSE(dangerProblem(role, dangers, c, "bot"));
}

TEST(Starting, ASecretMustBeLeasable) {
  api::ObjectMeta secret;
  EXPECT_EQ(leaseProblem(0, "s", nullptr)->reason, Reason::SecretNotFound);
  EXPECT_EQ(leaseProblem(0, "s", &secret)->reason, Reason::SecretNotLeasable);
  secret.labels = {{"errand.dev/leasable", "true"}};
  EXPECT_FALSE(leaseProblem(0, "s", &secret));
  EXPECT_EQ(leaseProblem(0, "errand-s", &secret)->reason, Reason::SecretNotLeasable);
}

}  // namespace
}  // namespace errand::policy
