// The counts are those that one would count by hand, after any order of changes.
#include "operator/state/grantcounts.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "operator/control/event_handlers.hpp"
#include "operator/state/observer.hpp"

namespace errand::state {
namespace {

using api::TaskGrant;

struct GrantCountsTest : testing::Test {
  Stores stores;
  control::Queues queues;
  std::uint64_t version = 1;

  GrantCountsTest() { control::connect(stores, queues); }

  void put(TaskGrant grant) {
    grant.meta.resourceVersion = std::to_string(++version);
    stores.grants.apply("", std::make_shared<const TaskGrant>(std::move(grant)));
  }
  static TaskGrant grant(int i, const char* reason = "WaitingForTurn") {
    TaskGrant g;
    g.meta.ns = "agents";
    g.meta.name = "g" + std::to_string(i);
    char uid[] = "00000000-0000-4000-8000-000000000000";
    std::snprintf(uid, sizeof uid, "%08d-0000-4000-8000-000000000000", i);
    g.meta.uid = uid;
    g.meta.creationTimestamp = Time{Seconds{i / 3}};
    g.spec.agentIdentity = "bot";
    g.spec.toolClass = i % 2 == 0 ? "even" : "odd";
    if (*reason != '\0')
      api::setCondition(g.status.conditions, {"Ready", reason, "", api::ConditionStatus::False, 1, {}},
                        Time{});
    return g;
  }
};

TEST_F(GrantCountsTest, AnySequenceOfChangesIsCountedRight) {
  std::mt19937 random(11);
  const char* reasons[] = {"", "WaitingForTurn", "SlotTaken", "Starting", "Active"};
  for (int step = 0; step < 3000; ++step) {
    TaskGrant g = grant(static_cast<int>(random() % 40), reasons[random() % 5]);
    switch (random() % 4) {
      case 0:
        stores.grants.erase("", {g.meta.ns, g.meta.name}, std::to_string(++version));
        break;
      default:
        if (random() % 3 == 0) g.status.phase = api::Phase::Active;
        if (random() % 4 == 0) g.status.phase = api::Phase::Failed;
        if (random() % 3 == 0) g.status.startedAt = Time{Seconds{random() % 50}};
        if (random() % 3 == 0) g.spec.delivery = api::DeliveryMode::Slot;
        put(g);
    }
    if (step % 7 != 0) continue;
    const TaskGrant me = grant(static_cast<int>(random() % 40));
    plan::Siblings expected;
    std::vector<std::string> inSlot;
    GrantCounts::OfAgent agent;
    auto all = stores.grants.list("agents");
    std::ranges::sort(all, {},
                      [](const auto& o) { return std::pair(o->meta.creationTimestamp, o->meta.uid); });
    for (const auto& o : all) {
      if (o->status.phase == api::Phase::Active) ++agent.active;
      if (o->status.startedAt)
        agent.lastStart = std::max(agent.lastStart.value_or(Time{}), *o->status.startedAt);
      if (o->spec.toolClass != me.spec.toolClass || o->meta.uid == me.meta.uid || o->terminal()) continue;
      const auto* ready = api::findCondition(o->status.conditions, "Ready");
      if (o->status.startedAt) {
        ++expected.started;
        if (o->spec.delivery == api::DeliveryMode::Slot) inSlot.push_back(o->meta.name);
      } else if (ready != nullptr && ready->reason != "Active" &&
                 std::pair(o->meta.creationTimestamp, o->meta.uid) <
                     std::pair(me.meta.creationTimestamp, me.meta.uid)) {
        ++expected.waitingEarlier;
        if (o->spec.delivery == api::DeliveryMode::Slot && expected.firstForSlot.empty())
          expected.firstForSlot = o->meta.name;
      }
    }
    const plan::Siblings counted = stores.grantCounts.siblings(me);
    ASSERT_EQ(counted.started, expected.started) << step;
    ASSERT_EQ(counted.waitingEarlier, expected.waitingEarlier) << step;
    if (inSlot.empty())
      ASSERT_EQ(counted.firstForSlot, expected.firstForSlot) << step;
    else
      ASSERT_TRUE(std::ranges::count(inSlot, counted.firstForSlot) == 1)
          << step << " " << counted.firstForSlot;
    ASSERT_EQ(stores.grantCounts.agent("agents", "bot").active, agent.active) << step;
    ASSERT_EQ(stores.grantCounts.agent("agents", "bot").lastStart, agent.lastStart) << step;
  }
}

TEST_F(GrantCountsTest, StartsUnderWayCountOnceEach) {
  const TaskGrant earlier = grant(0), me = grant(2, "Starting"), later = grant(4, "Starting");
  TaskGrant begun = grant(6, "Starting");
  begun.status.startedAt = Time{Seconds{1}};
  for (const TaskGrant& g : {earlier, me, later, begun}) put(g);
  std::map<GrantCounts::QueuePosition, GrantCounts::Starting> underWay;
  for (const TaskGrant& g : {earlier, me, later, begun})
    underWay[GrantCounts::positionOf(g)] = {g.meta.name, g.meta.name == later.meta.name};
  const plan::Siblings counted = stores.grantCounts.siblings(me, underWay);
  EXPECT_EQ(counted.waitingEarlier, 1) << "the one in line";
  EXPECT_EQ(counted.started, 2) << "what has begun, and what came later and is under way";
  EXPECT_EQ(counted.firstForSlot, later.meta.name);
}

// Its start is stored, and its Secret is not there yet: between the two, the slot is not free.
TEST_F(GrantCountsTest, AGrantThatHasStartedHasTheSlot) {
  TaskGrant filling = grant(2, "Starting");
  const TaskGrant me = grant(0, "Starting");
  filling.spec.delivery = api::DeliveryMode::Slot;
  filling.status.startedAt = Time{Seconds{1}};
  for (const TaskGrant& g : {filling, me}) put(g);
  EXPECT_EQ(stores.grantCounts.siblings(me).started, 1);
  EXPECT_EQ(stores.grantCounts.siblings(me).firstForSlot, filling.meta.name);
  EXPECT_EQ(stores.grantCounts.siblings(filling).firstForSlot, "") << "it does not wait for itself";
  filling.status.phase = api::Phase::Revoked;
  put(filling);
  EXPECT_EQ(stores.grantCounts.siblings(me).firstForSlot, "");
}

TEST_F(GrantCountsTest, AFreePlaceWakesTheNextInLineAndNotTheWholeLine) {
  for (int i = 0; i < 200; i += 2) put(grant(i));
  while (const auto key = queues.grants.tryGet()) queues.grants.done(*key);
  TaskGrant first = grant(0);
  first.status.phase = api::Phase::Denied;
  put(first);
  std::vector<std::string> woken;
  while (const auto key = queues.grants.tryGet()) {
    woken.push_back(key->name);
    queues.grants.done(*key);
  }
  EXPECT_EQ(woken.size(), 9U);
  EXPECT_TRUE(std::ranges::count(woken, "g2") == 1);
}

TEST_F(GrantCountsTest, ASecretWakesTheGrantsOfItsSlotAlone) {
  auto identity = std::make_shared<api::AgentIdentity>();
  identity->meta.ns = "agents";
  identity->meta.name = "bot";
  identity->meta.resourceVersion = "1";
  identity->toolClasses.resize(2);
  identity->toolClasses[0].name = "even";
  identity->toolClasses[0].slotSecretName = "slot-even";
  identity->toolClasses[1].name = "odd";
  stores.identities.apply("", identity);
  for (int i = 0; i < 4; ++i) {
    TaskGrant g = grant(i, "Conflict");
    g.spec.delivery = api::DeliveryMode::Slot;
    if (i == 1) g.spec.access.secrets = {"slot-even"};
    put(g);
  }
  while (const auto key = queues.grants.tryGet()) queues.grants.done(*key);
  api::PartialObject secret;
  secret.meta.ns = "agents";
  secret.meta.name = "slot-even";
  secret.meta.resourceVersion = "50";
  stores.secrets.apply("agents", std::make_shared<const api::PartialObject>(secret));
  std::vector<std::string> woken;
  while (const auto key = queues.grants.tryGet()) {
    woken.push_back(key->name);
    queues.grants.done(*key);
  }
  std::ranges::sort(woken);
  EXPECT_EQ(woken, (std::vector<std::string>{"g0", "g1", "g2"}));
}

}  // namespace
}  // namespace errand::state
