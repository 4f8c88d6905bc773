// Base accounts: made, repaired, and never taken from somebody else.
#include "operator/plan/identity.hpp"

#include <gmock/gmock.h>

namespace errand::plan {
namespace {

using testing::HasSubstr;

struct IdentityTest : testing::Test {
  std::shared_ptr<api::AgentIdentity> identity = std::make_shared<api::AgentIdentity>();
  ObservedIdentity o;
  const Time now{Seconds{1000}};

  IdentityTest() {
    identity->meta.name = "bot";
    identity->meta.ns = "agents";
    identity->meta.uid = "new";
    identity->toolClasses.resize(1);
    identity->toolClasses[0].name = "fixer";
    o.ns.enforced = true;
    o.ns.enforcedSince = now - Seconds{100};
  }

  void account(const char* ownerUid, bool labels = true) {
    auto a = std::make_shared<api::ServiceAccount>();
    a->meta.name = api::baseAccountName("bot", "fixer");
    a->meta.ns = "agents";
    a->meta.uid = "a-uid";
    a->meta.creationTimestamp = now - Seconds{50};
    a->automount = false;
    if (labels)
      a->meta.labels = {{std::string(api::kIdentityLabel), "bot"},
                        {std::string(api::kToolClassLabel), "fixer"}};
    if (ownerUid != nullptr)
      a->meta.owners = {{std::string(api::kGroupVersion), "AgentIdentity", "bot", ownerUid, true}};
    o.accounts = {a};
  }

  IdentityPlan run() {
    o.identity = identity;
    return planIdentity(o, now);
  }

  api::Condition condition(std::string_view type) {
    const IdentityPlan p = run();
    const auto* c = api::findCondition(p.status.conditions, type);
    return c == nullptr ? api::Condition{} : *c;
  }
};

TEST_F(IdentityTest, MakesAnAccountForEachToolClassOnce) {
  const IdentityPlan first = run();
  ASSERT_EQ(first.actions.size(), 1u);
  const auto& made = std::get<CreateAccount>(first.actions[0]).account;
  EXPECT_EQ(made.meta.name, "errand-a.bot.fixer");
  EXPECT_EQ(made.automount, false);
  EXPECT_EQ(first.status.serviceAccounts.at(0).uid, "") << "the API server gives it";
  account("new");
  identity->status.serviceAccounts = {{"fixer", "errand-a.bot.fixer", "a-uid"}};
  EXPECT_TRUE(run().actions.empty());
  EXPECT_EQ(run().status.serviceAccounts.at(0).uid, "a-uid");
}

// Labels and owner can be written by anybody before the namespace is enrolled.
TEST_F(IdentityTest, AnAccountThatTheStatusDoesNotNameIsMadeAnew) {
  account("new");
  EXPECT_EQ(run().actions.size(), 2u);
  identity->status.serviceAccounts = {{"fixer", "errand-a.bot.fixer", "another-uid"}};
  EXPECT_EQ(run().actions.size(), 2u);
}

TEST_F(IdentityTest, AnAccountFromBeforeTheEnforcementIsMadeAnew) {
  account("new");
  identity->status.serviceAccounts = {{"fixer", "errand-a.bot.fixer", "a-uid"}};
  o.ns.enforcedSince = now - Seconds{40};
  const IdentityPlan p = run();
  ASSERT_EQ(p.actions.size(), 2u);
  EXPECT_EQ(std::get<Delete>(p.actions[0]).uid, "a-uid");
}

TEST_F(IdentityTest, NothingIsMadeBeforeTheNamespaceIsEnforced) {
  o.ns.enforcedSince = now + Seconds{3};
  EXPECT_TRUE(run().actions.empty());
  EXPECT_EQ(run().requeueAfter, Seconds{3});
  o.ns.enforcedSince.reset();
  EXPECT_TRUE(run().actions.empty());
  EXPECT_EQ(condition("Ready").reason, "EnforcementSettling");
}

TEST_F(IdentityTest, AnAccountOfSomebodyElseIsSaidAndLeftAlone) {
  account(nullptr, false);
  const IdentityPlan p = run();
  EXPECT_TRUE(p.actions.empty());
  EXPECT_THAT(api::findCondition(p.status.conditions, "Stalled")->message,
              HasSubstr("was not made for this identity"));
}

// kubectl delete --cascade=orphan: nobody else may delete it (SC404).
TEST_F(IdentityTest, AnOrphanOfAnEarlierIdentityIsMadeAnew) {
  account(nullptr);
  const IdentityPlan p = run();
  ASSERT_EQ(p.actions.size(), 2u);
  EXPECT_EQ(std::get<Delete>(p.actions[0]).uid, "a-uid");
  EXPECT_EQ(std::get<CreateAccount>(p.actions[1]).account.meta.owners.at(0).uid, "new");
  EXPECT_EQ(api::findCondition(p.status.conditions, "Ready")->reason, "Ready");
}

TEST_F(IdentityTest, AnAccountOfAToolClassThatIsGoneIsRemoved) {
  account("new");
  identity->status.serviceAccounts = {{"fixer", "errand-a.bot.fixer", "a-uid"}};
  identity->toolClasses[0].name = "other";
  const IdentityPlan p = run();
  ASSERT_EQ(p.actions.size(), 2u);
  EXPECT_EQ(std::get<CreateAccount>(p.actions[0]).account.meta.name, "errand-a.bot.other");
  EXPECT_EQ(std::get<Delete>(p.actions[1]).name, "errand-a.bot.fixer");
}

TEST_F(IdentityTest, SaysWhereItsPodsMayTakeAnotherForTheApiServer) {
  o.ns.rootCa.problem = "its ConfigMap";
  for (const bool enforced : {true, false}) {
    if (!enforced) o.ns.enforcedSince.reset();
    const auto c = condition("Stalled");
    EXPECT_EQ(c.status, api::ConditionStatus::True);
    EXPECT_EQ(c.reason, "RootCaDiffers");
    EXPECT_EQ(c.message, "its ConfigMap");
  }
}

TEST_F(IdentityTest, SaysWhatASlotsPodMayLeaveOpen) {
  EXPECT_EQ(condition("StreamsEnd").status, api::ConditionStatus::True);
  o.streamsKnown = false;
  EXPECT_EQ(condition("StreamsEnd").status, api::ConditionStatus::Unknown);
  EXPECT_EQ(condition("StreamsEnd").reason, "RolesNotSynced");
  EXPECT_TRUE(run().requeueAfter);
  o.streams = {"fixer: Role \"reader\""};
  const auto c = condition("StreamsEnd");
  EXPECT_EQ(c.status, api::ConditionStatus::False);
  EXPECT_THAT(c.message, HasSubstr("goes on after the task (fixer: Role \"reader\")"));
}

}  // namespace
}  // namespace errand::plan
