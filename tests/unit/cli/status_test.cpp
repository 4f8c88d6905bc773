// The output of `kubectl-errand status`, including what it reports as unknown.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "cli/status/view.hpp"

namespace errand::cli {
namespace {

using api::Phase;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

const Time kNow = *parseTime("2026-11-24T12:00:00Z");

api::AgentIdentity identity(std::string name = "bot") {
  api::AgentIdentity out;
  out.meta.name = std::move(name);
  out.meta.ns = "agents";
  out.owner = "sre@example.com";
  api::ToolClass c;
  c.name = "fixer";
  c.slotSecretName = "errand-bot-fixer";
  out.toolClasses = {c};
  out.status.serviceAccounts = {{"fixer", "errand-a.bot.fixer"}};
  return out;
}

api::TaskGrant grant(std::string name, std::optional<Phase> phase) {
  api::TaskGrant out;
  out.meta.name = std::move(name);
  out.meta.ns = "agents";
  out.spec.agentIdentity = "bot";
  out.spec.toolClass = "fixer";
  out.spec.workload = {api::WorkloadKind::Deployment, "serve"};
  out.spec.delivery = api::DeliveryMode::Slot;
  out.status.phase = phase;
  out.status.secretName = "errand-bot-fixer";
  out.status.endsAt = kNow + Seconds{90};
  return out;
}

api::PartialObject account(std::string name) {
  api::PartialObject out;
  out.meta.name = std::move(name);
  out.meta.ns = "agents";
  out.meta.labels = {{std::string(api::kIdentityLabel), "bot"}, {std::string(api::kToolClassLabel), "fixer"}};
  return out;
}

StatusInput input(std::vector<api::TaskGrant> grants = {}) {
  return {"agents", {{identity()}}, {std::move(grants)}, {{account("errand-a.bot.fixer")}}, {}};
}

TEST(Status, ShowsWhatAnAgentHoldsBeforeWhatWaits) {
  auto active = grant("b-active", Phase::Active);
  active.meta.annotations["errand.dev/requester-user"] = "alice";
  const StatusView view = viewOf(input({grant("a-waiting", Phase::Pending), active}), "", kNow);
  ASSERT_EQ(view.agents.size(), 1u);
  const AgentView& bot = view.agents[0];
  EXPECT_EQ(bot.state, "Enabled");
  ASSERT_EQ(bot.grants.size(), 2u);
  EXPECT_EQ(bot.grants[0].name, "b-active");
  EXPECT_EQ(bot.grants[0].requester, "alice");
  EXPECT_FALSE(bot.grants[1].holds);
  EXPECT_EQ(bot.slots.at(0).grant, "b-active");
  EXPECT_EQ(bot.accounts.at(0).exists, true);
  EXPECT_THAT(asTable(view, kNow), HasSubstr("b-active   Active   fixer  Deployment/serve  in 1m30s  alice"));
}

TEST(Status, AGrantHoldsUntilItsRevocationIsConfirmed) {
  auto ended = grant("task", Phase::Revoked);
  ended.status.revocation.requestedAt = ended.status.endedAt = kNow;
  StatusView view = viewOf(input({ended}), "", kNow);
  EXPECT_EQ(view.agents[0].grants.at(0).state, "Revoking");
  EXPECT_TRUE(view.agents[0].grants[0].holds);
  EXPECT_EQ(view.agents[0].grants[0].endsAt, kNow) << "not when it would have ended";
  EXPECT_THAT(asTable(view, kNow - Seconds{1}), HasSubstr("Deployment/serve  over"))
      << "whatever the clock here says";
  ended.status.revocation.confirmedAt = kNow;
  view = viewOf(input({ended}), "", kNow);
  EXPECT_TRUE(view.agents[0].grants.empty());
  EXPECT_EQ(view.agents[0].slots[0].grant, "");
}

TEST(Status, AnEndedGrantIsListedWhileItsPodsRun) {
  auto ended = grant("task", Phase::Revoked);
  ended.status.revocation.requestedAt = ended.status.endedAt = ended.status.revocation.confirmedAt = kNow;
  ended.status.revocation.podsRunning = {"fix-1", "fix-2"};
  const StatusView view = viewOf(input({ended}), "", kNow);
  const GrantView& task = view.agents.at(0).grants.at(0);
  EXPECT_EQ(task.state, "Ending");
  EXPECT_TRUE(task.holds);
  EXPECT_EQ(task.note, "still running: fix-1, fix-2");
  EXPECT_THAT(asTable(view, kNow), HasSubstr("over"));
}

TEST(Status, SaysWhyNothingStarts) {
  StatusInput f = input();
  (*f.identities)[0].suspended = true;
  EXPECT_EQ(viewOf(f, "", kNow).agents[0].state, "Suspended");
  (*f.identities)[0] = identity();
  (*f.identities)[0].expiresAt = kNow;
  EXPECT_EQ(viewOf(f, "", kNow).agents[0].state, "Expired");
  (*f.identities)[0].meta.deletionTimestamp = kNow;
  EXPECT_EQ(viewOf(f, "", kNow).agents[0].state, "Deleting");
}

TEST(Status, SaysWhyAGrantWaits) {
  auto waiting = grant("task", Phase::Pending);
  waiting.status.conditions = {
      {"Ready", "Waiting", "Job fix is not there", api::ConditionStatus::False, 0, {}}};
  EXPECT_THAT(asTable(viewOf(input({waiting}), "", kNow), kNow),
              HasSubstr("\n  task: Job fix is not there\n"));
}

TEST(Status, ShowsWhatIsLeftOfAnAgentThatIsGone) {
  StatusInput f = input({grant("task", Phase::Active)});
  f.identities->clear();
  const StatusView view = viewOf(f, "bot", kNow);
  ASSERT_EQ(view.agents.size(), 1u);
  EXPECT_EQ(view.agents[0].state, "Deleted");
  EXPECT_EQ(view.agents[0].accounts.at(0).name, "errand-a.bot.fixer");
}

TEST(Status, DoesNotGuessWhatItMayNotRead) {
  StatusInput f = input();
  f.grants.reset();
  f.accounts.reset();
  f.unread = {{"taskgrants of namespace agents", "forbidden"}};
  const StatusView view = viewOf(f, "", kNow);
  EXPECT_THAT(asTable(view, kNow), HasSubstr("Grants:      not known"));
  EXPECT_THAT(asTable(view, kNow), HasSubstr("errand-a.bot.fixer (not seen)"));
  EXPECT_THAT(asTable(view, kNow), HasSubstr("errand-bot-fixer (not known)"));
  const json said = json::parse(asJson(view));
  EXPECT_TRUE(said["agents"][0]["grants"].is_null());
  EXPECT_TRUE(said["agents"][0]["slots"][0]["grant"].is_null());
  EXPECT_EQ(said["unread"][0]["message"], "forbidden");

  StatusInput grantsOnly = input({grant("task", Phase::Active)});
  grantsOnly.identities.reset();
  EXPECT_EQ(viewOf(grantsOnly, "", kNow).agents.at(0).state, "Unknown");
}

TEST(Status, AMissingAccountIsNotTakenForOne) {
  StatusInput f = input();
  f.accounts->clear();
  EXPECT_THAT(asTable(viewOf(f, "", kNow), kNow), HasSubstr("errand-a.bot.fixer (missing)"));
}

TEST(Status, OfOneAgentAlone) {
  StatusInput f = input({grant("task", Phase::Active)});
  f.identities->push_back(identity("other"));
  EXPECT_EQ(viewOf(f, "", kNow).agents.size(), 2u);
  EXPECT_EQ(viewOf(f, "other", kNow).agents.size(), 1u);
  EXPECT_TRUE(viewOf(f, "nobody", kNow).agents.empty());
  EXPECT_EQ(asTable(viewOf(f, "nobody", kNow), kNow), "no agent nobody in namespace agents\n");
}

TEST(Status, NoEscapeSequenceReachesTheTerminal) {
  StatusInput f = input();
  (*f.identities)[0].owner =
      "a\x1b[2Jb\xC2\x9B"
      "2J";
  EXPECT_THAT(asTable(viewOf(f, "", kNow), kNow), HasSubstr("Owner:       a\\x1b[2Jb\\xc2\\x9b2J"));
  EXPECT_THAT(asTable(viewOf(f, "", kNow), kNow), Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace errand::cli
