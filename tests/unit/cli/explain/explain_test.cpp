// Each mistake is named with its field, and with the command that mends it.
#include "cli/explain/explain.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "cli/explain/mend.hpp"
#include "cli/explain/target.hpp"
#include "core/policy/conditions.hpp"

namespace errand::cli {
namespace {

using api::Phase;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const Time kNow = *parseTime("2026-11-24T12:00:00Z");

api::AgentIdentity identity() {
  api::AgentIdentity out;
  out.meta.name = "bot";
  out.meta.ns = "agents";
  out.meta.uid = "identity-uid";
  out.podSelector.matchLabels = {{"app", "bot"}};
  api::ToolClass c;
  c.name = "fixer";
  c.risk = api::Risk::High;
  c.maxDuration = Seconds{3600};
  c.access.roles = {{"reader"}, {"writer"}};
  out.toolClasses = {c};
  return out;
}

WorkloadRead job(api::StringMap labels = {{"app", "bot"}, {"errand.dev/task-grant", "task"}}) {
  WorkloadRead out;
  out.facts.uid = "job-uid";
  out.facts.podLabels = labels;
  out.pod.labels = std::move(labels);
  out.pod.owners = {{"batch/v1", "Job", "fix", "job-uid", true}};
  return out;
}

api::TaskGrant grant() {
  api::TaskGrant out;
  out.meta.name = "task";
  out.meta.ns = "agents";
  out.meta.uid = "0123";
  out.meta.creationTimestamp = kNow - Seconds{60};
  out.meta.annotations = {{"errand.dev/requester-user", "alice"}};
  out.spec.agentIdentity = "bot";
  out.spec.toolClass = "fixer";
  out.spec.task.risk = api::Risk::High;
  out.spec.workload = {api::WorkloadKind::Job, "fix"};
  out.spec.access.roles = {"reader"};
  out.spec.window.duration = Seconds{600};
  out.status.phase = Phase::Pending;
  return out;
}

api::PartialObject enrolled() {
  api::PartialObject out;
  out.meta.name = "agents";
  out.meta.labels = {{"errand.dev/enforce", "true"}};
  out.meta.annotations = {{"errand.dev/enforced-since", "2026-11-01T00:00:00Z"}};
  return out;
}

ExplainFacts healthy() {
  ExplainFacts out;
  out.ns = "agents";
  out.target = {"TaskGrant", "task"};
  out.nsObject.value = enrolled();
  out.operatorBound.value = true;
  out.grantName = "task";
  out.grant.value = grant();
  out.workloadName = {"Job", "fix"};
  out.workload.value = job();
  out.pods.value.emplace();
  out.identity.value = identity();
  out.identityNames = {"bot"};
  out.roles = {{{"Role", "reader"}, "spec.access.roles[0]", {.value = api::Role()}, {.value = true}}};
  out.requesterMay.value = true;
  return out;
}

// Returns the only trouble.
Trouble troubleOf(const ExplainFacts& facts, std::string_view check) {
  const auto lines = explain(facts, kNow);
  Trouble out;
  size_t count = 0;
  for (const CheckLine& line : lines)
    for (const Trouble& trouble : line.troubles) {
      EXPECT_EQ(line.check, check) << asText(lines);
      out = trouble;
      ++count;
    }
  EXPECT_EQ(count, 1u) << asText(lines);
  EXPECT_EQ(exitOf(lines), 1) << asText(lines);
  return out;
}

std::string commandOf(const Trouble& trouble) {
  return trouble.commands.empty() ? "" : trouble.commands.front();
}

std::string textOf(const ExplainFacts& facts) { return asText(explain(facts, kNow)); }

TEST(Explain, AHealthyGrantHasNothingWrong) {
  const auto lines = explain(healthy(), kNow);
  EXPECT_EQ(exitOf(lines), 0) << asText(lines);
  std::vector<std::string> checks;
  for (const CheckLine& line : lines) checks.push_back(line.check);
  EXPECT_THAT(checks, ::testing::ElementsAre("pod", "workload", "grant", "requester", "identity", "class",
                                             "role", "namespace"));
}

TEST(Explain, AWrongToolClass) {
  ExplainFacts facts = healthy();
  facts.grant.value->spec.toolClass = "fixr";
  const Trouble trouble = troubleOf(facts, "class");
  EXPECT_EQ(trouble.field, "spec.toolClass");
  EXPECT_EQ(trouble.reason, "ToolClassNotFound");
  EXPECT_THAT(commandOf(trouble), HasSubstr("\"spec\":{\"toolClass\":\"fixer\"}"));
}

TEST(Explain, ARoleThatTheOperatorMayNotBind) {
  ExplainFacts facts = healthy();
  facts.roles[0].mayBind.value = false;
  const Trouble trouble = troubleOf(facts, "role");
  EXPECT_EQ(trouble.field, "spec.access.roles[0]");
  EXPECT_EQ(commandOf(trouble), "kubectl errand enroll agents --bind reader --apply");
}

TEST(Explain, ANamespaceThatIsNotEnrolled) {
  ExplainFacts facts = healthy();
  facts.nsObject.value->meta.labels = {{"errand.dev/enforce", "warn"}};
  const Trouble trouble = troubleOf(facts, "namespace");
  EXPECT_EQ(trouble.field, "metadata.labels[errand.dev/enforce]");
  EXPECT_EQ(commandOf(trouble), "kubectl errand enroll agents --bind reader --apply");
}

TEST(Explain, AWindowThatIsTooLong) {
  ExplainFacts facts = healthy();
  facts.grant.value->spec.window.duration = Seconds{20 * 3600};
  const Trouble trouble = troubleOf(facts, "class");
  EXPECT_EQ(trouble.field, "spec.window.duration");
  EXPECT_THAT(commandOf(trouble), HasSubstr("\"duration\":\"1h\""));
}

TEST(Explain, AMissingLabel) {
  ExplainFacts facts = healthy();
  facts.workload.value = job({{"app", "bot"}});
  const Trouble trouble = troubleOf(facts, "workload");
  EXPECT_EQ(trouble.reason, "WorkloadNotLabelled");
  EXPECT_THAT(commandOf(trouble), HasSubstr("\"errand.dev/task-grant\":\"task\""));
}

TEST(Explain, ALabelThatNamesAnotherGrant) {
  ExplainFacts facts = healthy();
  facts.target = {"Job", "fix"};
  facts.grant.value->spec.workload.name = "other";
  facts.grantsForWorkload = {"right"};
  const Trouble trouble = troubleOf(facts, "workload");
  EXPECT_EQ(trouble.field, "spec.template.metadata.labels[errand.dev/task-grant]");
  EXPECT_THAT(trouble.message, HasSubstr("is for Job \"other\""));
  EXPECT_THAT(commandOf(trouble), HasSubstr("\"errand.dev/task-grant\":\"right\""));
  facts.grantsForWorkload.clear();
  EXPECT_THAT(commandOf(troubleOf(facts, "workload")),
              HasSubstr("\"workload\":{\"kind\":\"Job\",\"name\":\"fix\"}"));
}

TEST(Explain, AWorkloadThatIsMisspelt) {
  ExplainFacts facts = healthy();
  facts.workload = {};
  facts.pods = {};
  facts.workloadName.name = facts.grant.value->spec.workload.name = "fx";
  facts.labelled = {"fix"};
  const Trouble trouble = troubleOf(facts, "workload");
  EXPECT_EQ(trouble.field, "spec.workload.name");
  EXPECT_THAT(trouble.message, HasSubstr("did you mean Job \"fix\"?"));
  EXPECT_THAT(commandOf(trouble), HasSubstr("\"workload\":{\"kind\":\"Job\",\"name\":\"fix\"}"));
}

TEST(Explain, AJobOfASimilarNameMayBeOfAnEarlierTask) {
  ExplainFacts facts = healthy();
  facts.workload = {};
  facts.pods = {};
  facts.workloadName.name = facts.grant.value->spec.workload.name = "fix-2";
  facts.workloadNames = {"fix-1"};
  EXPECT_EQ(exitOf(explain(facts, kNow)), 0);
  EXPECT_THAT(textOf(facts), HasSubstr("does not exist yet; Job/fix-1 exists"));
  facts.grant.value->spec.workload.kind = api::WorkloadKind::Deployment;
  facts.workloadName.kind = "Deployment";
  EXPECT_THAT(troubleOf(facts, "workload").message, HasSubstr("did you mean Deployment \"fix-1\"?"));
}

TEST(Explain, LabelsThatDoNotMatchThePodSelector) {
  ExplainFacts facts = healthy();
  facts.workload.value = job({{"app", "other"}, {"errand.dev/task-grant", "task"}});
  const Trouble trouble = troubleOf(facts, "workload");
  EXPECT_EQ(trouble.field, "spec.workload");
  EXPECT_THAT(commandOf(trouble), HasSubstr("\"app\":\"bot\""));
}

TEST(Explain, ARequesterWithoutTheVerbRequest) {
  ExplainFacts facts = healthy();
  facts.requesterMay.value = false;
  const Trouble trouble = troubleOf(facts, "requester");
  EXPECT_EQ(trouble.reason, "RequesterNotAuthorized");
  EXPECT_THAT(commandOf(trouble), HasSubstr("--clusterrole=errand-requester --user=alice"));
}

TEST(Explain, AnAbsentGrantThatTheUserMayNotRequest) {
  ExplainFacts facts = healthy();
  facts.grant = {};
  facts.workloadName = {};
  facts.workload = {};
  facts.you = {"alice", true, {{"bot", false, true}}};
  const auto lines = explain(facts, kNow);
  const auto you = std::ranges::find(lines, "you", &CheckLine::check);
  ASSERT_NE(you, lines.end()) << asText(lines);
  EXPECT_EQ(you->troubles[0].field, "verb request on AgentIdentity bot");
  EXPECT_THAT(commandOf(you->troubles[0]), HasSubstr("--user=alice"));
  facts.you.agents.push_back({"other", true, true});
  EXPECT_THAT(textOf(facts), Not(HasSubstr("you "))) << "the user may request grants of another agent";
}

TEST(Explain, AnAbsentWorkloadThatTheRequesterMayNotRun) {
  ExplainFacts facts = healthy();
  facts.workload = {};
  facts.pods = {};
  facts.you = {"alice", true, {{"bot", true, false}}};
  const Trouble trouble = troubleOf(facts, "you");
  EXPECT_EQ(trouble.field, "verb run on AgentIdentity bot");
  facts.you.user = "bob";
  EXPECT_EQ(exitOf(explain(facts, kNow)), 0) << "bob is not expected to create the workload";
}

TEST(Explain, WhatTheUserMayNotReadIsUnknown) {
  ExplainFacts facts = healthy();
  facts.roles[0].mayBind = {.unread = "forbidden"};
  facts.nsObject = {.unread = "forbidden"};
  facts.identity = {.unread = "forbidden"};
  const auto lines = explain(facts, kNow);
  EXPECT_EQ(exitOf(lines), 2);
  EXPECT_TRUE(std::ranges::all_of(lines, [](const CheckLine& l) { return l.troubles.empty(); }))
      << asText(lines);
}

TEST(Explain, AStallOfTheOperatorThatNoLineNames) {
  ExplainFacts facts = healthy();
  facts.grant.value->status.conditions = {
      {"Stalled", "RootCaDiffers", "the ConfigMap differs", api::ConditionStatus::True, 0, {}}};
  const Trouble trouble = troubleOf(facts, "grant");
  EXPECT_EQ(trouble.reason, "RootCaDiffers");
  EXPECT_EQ(commandOf(trouble), "kubectl delete configmap kube-root-ca.crt -n agents");
}

TEST(Explain, AStallThatIsMendedWaits) {
  ExplainFacts facts = healthy();
  facts.grant.value->status.conditions = {
      {"Stalled", "MayNotBind", "old", api::ConditionStatus::True, 0, {}}};
  EXPECT_EQ(exitOf(explain(facts, kNow)), 0);
  EXPECT_THAT(textOf(facts), HasSubstr("MayNotBind, which is mended"));
}

TEST(Explain, AnEndHasItsCauseTimeAndProof) {
  ExplainFacts facts = healthy();
  auto& status = facts.grant.value->status;
  status.phase = Phase::Revoked;
  status.endedBecause = "IdentitySuspended";
  status.startedAt = status.endedAt = kNow;
  status.conditions = {
      {"Ready", "IdentitySuspended", "AgentIdentity bot is Suspended", api::ConditionStatus::False, 0, {}}};
  const Trouble trouble = troubleOf(facts, "grant");
  EXPECT_EQ(commandOf(trouble), "kubectl errand resume bot -n agents");
  EXPECT_THAT(textOf(facts), HasSubstr("Revoked since 2026-11-24T12:00:00Z"));
  EXPECT_THAT(textOf(facts), HasSubstr("waits     proof"));
  status.revocation.confirmedAt = kNow;
  status.revocation.confirmedBy = "TokenReview";
  status.revocation.tokenRefusedMilliseconds = 1500;
  EXPECT_THAT(textOf(facts), HasSubstr("by TokenReview; token rejected after 1.5 s"));
  status.phase = Phase::Completed;
  EXPECT_EQ(exitOf(explain(facts, kNow)), 0);
}

TEST(Explain, APodThatIsRefusedShowsTheEvent) {
  ExplainFacts facts = healthy();
  facts.events = {{"Job/fix", "FailedCreate", "denied", kNow, 3}};
  EXPECT_EQ(exitOf(explain(facts, kNow)), 1) << "nothing else explains why there is no pod";
  facts.pods.value->emplace_back();
  facts.pods.value->back().phase = "Succeeded";
  EXPECT_EQ(exitOf(explain(facts, kNow)), 0);
  EXPECT_THAT(textOf(facts), HasSubstr("FailedCreate (3 times)"));
}

TEST(Explain, TheWayOutIsPlainText) {
  EXPECT_EQ(wayOut(policy::Reason::SecretNotFound, false), "Create the Secret.");
  EXPECT_THAT(wayOut(policy::Reason::DangerousRole, true), Not(HasSubstr("`")));
  EXPECT_THAT(wayOut(policy::Reason::Scheduled, false), IsEmpty());
}

TEST(Target, ReadsKindsAsKubectlDoes) {
  EXPECT_EQ(*parseTarget("task"), (ObjectName{"", "task"}));
  EXPECT_EQ(*parseTarget("jobs.batch/fix"), (ObjectName{"Job", "fix"}));
  EXPECT_EQ(*parseTarget("tg/task"), (ObjectName{"TaskGrant", "task"}));
  EXPECT_EQ(*parseTarget("po/x"), (ObjectName{"Pod", "x"}));
  EXPECT_THAT(parseTarget("joob/fix").error().message, HasSubstr("did you mean job/fix?"));
  EXPECT_FALSE(parseTarget("job/"));
  EXPECT_FALSE(parseTarget("job/a/b"));
  EXPECT_FALSE(parseTarget(""));
}

}  // namespace
}  // namespace errand::cli
