#include "webhook/advice/forecast.hpp"

#include <gmock/gmock.h>

#include "rules/cluster/memoryclusterstate.hpp"

namespace errand::webhook {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct ForecastTest : testing::Test {
  rules::MemoryClusterState cluster;
  rules::RuleSettings settings{.operatorUser = "system:serviceaccount:errand-system:errand-operator"};
  api::TaskGrant grant;

  explicit ForecastTest(std::optional<bool> may = true) : cluster({.may = may}) {
    enroll("true");
    api::AgentIdentity identity;
    identity.meta.name = "bot";
    identity.meta.ns = "agents";
    identity.toolClasses.resize(1);
    identity.toolClasses[0].name = "fixer";
    identity.toolClasses[0].risk = api::Risk::High;
    identity.toolClasses[0].maxDuration = Seconds{3600};
    identity.toolClasses[0].access.roles = {{"reader"}};
    cluster.add(identity);
    grant.meta.name = "task";
    grant.meta.ns = "agents";
    grant.spec.agentIdentity = "bot";
    grant.spec.toolClass = "fixer";
    grant.spec.task.risk = api::Risk::High;
    grant.spec.window.duration = Seconds{600};
    grant.spec.access.roles = {"reader"};
    grant.spec.workload = {api::WorkloadKind::Job, "fix"};
  }
  void enroll(const std::string& value) {
    api::PartialObject ns;
    ns.meta.name = "agents";
    ns.meta.labels = {{"errand.dev/enforce", value}};
    cluster.add(ns);
  }
  std::vector<std::string> warnings() const {
    return forecastGrant(grant, cluster, settings, Time{}).warnings;
  }
  std::vector<std::string> ofWorkload(const std::string& name, api::StringMap labels) const {
    rules::PodView pod;
    pod.labels = std::move(labels);
    return forecastWorkload("agents", "Job", name, pod, cluster).warnings;
  }
};

struct ForbiddenToBind : ForecastTest {
  ForbiddenToBind() : ForecastTest(false) {}
};
struct NotAsked : ForecastTest {
  NotAsked() : ForecastTest(std::nullopt) {}
};

TEST_F(ForecastTest, AGrantThatMayStartHasNoWarning) { EXPECT_THAT(warnings(), IsEmpty()); }

TEST_F(ForecastTest, NamesWhatTheGrantWouldWaitFor) {
  grant.spec.window.duration = Seconds{7200};
  EXPECT_THAT(warnings(), ElementsAre(HasSubstr("spec.window.duration: 2h is longer than maxDuration")));
  grant.spec.toolClass = "other";
  EXPECT_THAT(warnings(),
              ElementsAre(HasSubstr("spec.toolClass: AgentIdentity bot has no tool class \"other\"")));
  grant.spec.agentIdentity = "absent";
  EXPECT_THAT(warnings(), ElementsAre(HasSubstr("there is no AgentIdentity \"absent\"")));
}

TEST_F(ForecastTest, ANamespaceThatIsNotEnrolledIsTheOnlyWarning) {
  for (const char* const value : {"", "warn", "audit"}) {
    enroll(value);
    grant.spec.agentIdentity = "absent";
    EXPECT_THAT(warnings(), ElementsAre(HasSubstr("kubectl errand enroll agents --apply"))) << value;
  }
}

TEST_F(ForbiddenToBind, NamesTheRoleAndTheCommand) {
  EXPECT_THAT(warnings(),
              ElementsAre(HasSubstr("spec.access.roles[0]: the operator may not bind Role \"reader\"; add it "
                                    "to the Role errand-operator-bind of namespace agents: kubectl errand "
                                    "enroll agents --bind reader --apply")));
  EXPECT_LE(warnings()[0].size(), 256U) << "the API server cuts it";
}

TEST_F(NotAsked, AsksAsTheOperator) {
  const Forecast found = forecastGrant(grant, cluster, settings, Time{});
  EXPECT_THAT(found.warnings, IsEmpty());
  ASSERT_THAT(found.asks, SizeIs(1));
  EXPECT_EQ(found.asks[0].verb, "bind");
  EXPECT_EQ(found.asks[0].who->user, settings.operatorUser);
  EXPECT_THAT(found.asks[0].who->groups, testing::Contains("system:serviceaccounts:errand-system"));
}

TEST_F(ForecastTest, AWorkloadWithoutTheLabelIsTold) {
  EXPECT_THAT(ofWorkload("fix", {}), IsEmpty()) << "no grant names it";
  cluster.add(grant);
  EXPECT_THAT(ofWorkload("fix", {}), ElementsAre(HasSubstr("errand.dev/task-grant: task")));
  EXPECT_THAT(ofWorkload("fix", {{"errand.dev/task-grant", "task"}}), IsEmpty());
  EXPECT_THAT(ofWorkload("other", {{"errand.dev/task-grant", "task"}}),
              ElementsAre(HasSubstr("is for Job \"fix\"")));
}

}  // namespace
}  // namespace errand::webhook
