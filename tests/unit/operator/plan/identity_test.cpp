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
  }

  void account(const char* ownerUid, bool labels = true) {
    auto a = std::make_shared<api::ServiceAccount>();
    a->meta.name = api::baseAccountName("bot", "fixer");
    a->meta.ns = "agents";
    a->meta.uid = "a-uid";
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
};

TEST_F(IdentityTest, MakesAnAccountForEachToolClassOnce) {
  const IdentityPlan first = run();
  ASSERT_EQ(first.actions.size(), 1u);
  const auto& made = std::get<CreateAccount>(first.actions[0]).account;
  EXPECT_EQ(made.meta.name, "errand-a.bot.fixer");
  EXPECT_EQ(made.automount, false);
  account("new");
  EXPECT_TRUE(run().actions.empty());
}

TEST_F(IdentityTest, AnAccountOfSomebodyElseIsSaidAndLeftAlone) {
  for (const bool labels : {false, true}) {
    account(labels ? "old" : nullptr, labels);  // what another identity owns, the garbage collector takes
    const IdentityPlan p = run();
    EXPECT_TRUE(p.actions.empty());
    EXPECT_THAT(api::findCondition(p.status.conditions, "Stalled")->message,
                HasSubstr("was not made for this identity"));
  }
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
  identity->toolClasses[0].name = "other";
  const IdentityPlan p = run();
  ASSERT_EQ(p.actions.size(), 2u);
  EXPECT_EQ(std::get<CreateAccount>(p.actions[0]).account.meta.name, "errand-a.bot.other");
  EXPECT_EQ(std::get<Delete>(p.actions[1]).name, "errand-a.bot.fixer");
}

}  // namespace
}  // namespace errand::plan
