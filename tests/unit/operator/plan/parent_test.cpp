// Grants under grants: what they may, and that they end first.
#include "tests/unit/operator/plan/fixture.hpp"

#include "operator/plan/checks/derived.hpp"

namespace errand::plan {
namespace {

using testing::HasSubstr;

struct Family : PlanFixture {
  std::shared_ptr<api::TaskGrant> parent = std::make_shared<api::TaskGrant>();

  explicit Family(api::ParentRelation relation = api::ParentRelation::Delegation) {
    *parent = *grant;
    parent->meta.name = "above";
    parent->meta.uid = "ffffffff-4e5f-6071-8293-a4b5c6d7e8f9";
    parent->status.phase = api::Phase::Active;
    grant->spec.parent = {"above", relation};
    identity->toolClasses[0].maxActiveGrants = 4;
    above(parent, kNow - Seconds{300});
  }

  void above(std::shared_ptr<api::TaskGrant> g, std::optional<Time> startedAt) {
    g->status.startedAt = startedAt;
    o.ancestors.push_back({g, api::Risk::High});
  }

  std::string stalled() { return message(run().status, "Stalled"); }
};

TEST(Delegation, WithinItsParentStartsAndEndsNoLaterThanIt) {
  Family f;
  const Plan p = f.run();
  ASSERT_TRUE(starts(p, *f.grant));
  EXPECT_EQ(p.status.endsAt, kNow + Seconds{600}) << "900 s of its own, 600 s left of the parent's";
}

TEST(Delegation, IsAcceptedUnderThatVeryParent) {
  Family f;
  f.untouched();
  const Plan p = f.run();
  ASSERT_EQ(actions<CreateAccount>(p).size(), 1u);
  EXPECT_EQ(p.status.parentUid, f.parent->meta.uid);
}

struct Beyond {
  const char* name;
  void (*bend)(Family&);
  const char* says;
};

class BeyondParent : public testing::TestWithParam<Beyond> {};

TEST_P(BeyondParent, NeverStarts) {
  Family f;
  GetParam().bend(f);
  EXPECT_FALSE(begins(f));
  EXPECT_THAT(f.stalled(), HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Parent, BeyondParent,
    testing::Values(Beyond{"role",
                           [](Family& f) {
                             f.grant->spec.access.roles = {"restarter", "reader"};
                             f.o.roles.push_back(
                                 {{"Role", "reader"}, "spec.access.roles[1]", true, true, "sha256:r", true});
                           },
                           "spec.access.roles[1]: \"reader\" is not in access.roles of grant above"},
                    Beyond{"audience",
                           [](Family& f) { f.grant->spec.access.audiences = {"https://mcp.example.com"}; },
                           "spec.access.audiences[0]"},
                    Beyond{"risk", [](Family& f) { f.o.ancestors[0].risk = api::Risk::Medium; },
                           "spec.task.risk: High is above"},
                    Beyond{"window", [](Family& f) { f.grant->spec.window.duration = Seconds{901}; },
                           "spec.window.duration: 15m1s is longer"},
                    Beyond{"nobody",
                           [](Family& f) {
                             f.o.ancestors.clear();
                             f.untouched();
                           },
                           "spec.parentRef.name: there is no TaskGrant \"above\""},
                    Beyond{"deep",
                           [](Family& f) {
                             for (int i = 0; i < 3; ++i) f.above(f.parent, kNow - Seconds{300});
                           },
                           "a chain of 4 grants"},
                    Beyond{"cycle", [](Family& f) { f.o.ancestors.push_back({f.grant, api::Risk::High}); },
                           "is itself under this grant"},
                    Beyond{"stepup",
                           [](Family& f) {
                             f.grant->spec.parent->relation = api::ParentRelation::StepUp;
                             f.parent->spec.agentIdentity = "other";
                           },
                           "a StepUp is for the agent of its parent (other)"}),
    [](const auto& tested) { return tested.param.name; });

TEST(Delegation, WaitsForItsParent) {
  Family f;
  f.parent->status.phase = api::Phase::Pending;
  f.o.ancestors.clear();
  f.above(f.parent, {});
  const Plan p = f.run();
  EXPECT_FALSE(mints(p));
  EXPECT_EQ(api::findCondition(p.status.conditions, "Ready")->reason, "WaitingForParent");
}

TEST(StepUp, MayBeBeyondItsParentAndWaitsForAPerson) {
  Family f(api::ParentRelation::StepUp);
  f.parent->spec.access.roles = {"reader"};
  f.o.ancestors[0].risk = api::Risk::Low;
  Plan p = f.run();
  EXPECT_FALSE(mints(p));
  EXPECT_EQ(p.status.phase, api::Phase::AwaitingApproval);
  f.grant->meta.creationTimestamp = kNow - f.settings.approvalTimeout;
  p = f.run();
  EXPECT_EQ(p.status.phase, api::Phase::Denied);
  EXPECT_EQ(p.status.endedBecause, "ApprovalTimeout");
}

struct End {
  const char* name;
  void (*bend)(Family&);
};

class ParentEnd : public testing::TestWithParam<std::tuple<End, bool>> {};

TEST_P(ParentEnd, EndsWhatIsUnderIt) {
  Family f;
  const auto& [end, active] = GetParam();
  if (active) f.started(kNow - Seconds{60});
  f.grant->status.parentUid = f.parent->meta.uid;
  ASSERT_FALSE(isTerminal(*f.run().status.phase));
  end.bend(f);
  const Plan p = f.run();
  EXPECT_EQ(p.status.phase, api::Phase::Revoked);
  EXPECT_EQ(p.status.endedBecause, "ParentEnded");
  EXPECT_FALSE(mints(p));
}

INSTANTIATE_TEST_SUITE_P(
    Parent, ParentEnd,
    testing::Combine(
        testing::Values(End{"terminal", [](Family& f) { f.parent->status.phase = api::Phase::Expired; }},
                        End{"revoked", [](Family& f) { f.parent->spec.revokeReason = "x"; }},
                        End{"deleted", [](Family& f) { f.parent->meta.deletionTimestamp = kNow; }},
                        End{"gone", [](Family& f) { f.o.ancestors.clear(); }},
                        End{"replaced", [](Family& f) { f.parent->meta.uid = "other"; }}),
        testing::Bool()),
    [](const auto& tested) {
      return std::string(std::get<0>(tested.param).name) + (std::get<1>(tested.param) ? "Active" : "Waiting");
    });

// By uid at each step up: a grant of the same name made later is another one.
TEST(ParentEnd, OfAGrantFurtherUpEndsItToo) {
  const auto chain = [](Family& f) {
    auto top = std::make_shared<api::TaskGrant>(*f.parent);
    top->meta.name = "top";
    top->meta.uid = "top-uid";
    f.parent->spec.parent = {"top", api::ParentRelation::Delegation};
    f.parent->status.parentUid = "top-uid";
    f.grant->status.parentUid = f.parent->meta.uid;
    f.above(top, kNow - Seconds{300});
    f.started(kNow - Seconds{60});
    f.grant->status.parentUid = f.parent->meta.uid;
    return top;
  };
  Family f;
  const auto top = chain(f);
  ASSERT_EQ(f.run().status.phase, api::Phase::Active);
  top->meta.uid = "another";
  EXPECT_EQ(f.run().status.endedBecause, "ParentEnded");
  Family g;
  chain(g);
  g.o.ancestors.pop_back();
  EXPECT_EQ(g.run().status.endedBecause, "ParentEnded") << "the grant at the top is gone";
}

TEST(ParentEnd, OfTheWindowEndsTheActiveChild) {
  Family f;
  f.started(kNow - Seconds{60});
  f.now = kNow + Seconds{600};
  const Plan p = f.run();
  EXPECT_EQ(p.status.endedBecause, "ParentEnded");
}

TEST(ParentEnd, WithdrawsWhatWasPassedOnFirst) {
  PlanFixture w;
  w.started(kNow - Seconds{60});
  w.grant->spec.revokeReason = "x";
  for (const char* name : {"grandchild", "child"}) {
    auto g = std::make_shared<api::TaskGrant>(*w.grant);
    g->meta.name = name;
    g->meta.uid = std::string(name) + "-uid";
    auto b = std::make_shared<api::RoleBinding>();
    b->meta.name = std::string(name) + "-binding";
    b->meta.labels.emplace(api::kGrantUidLabel, g->meta.uid);
    w.o.descendants.push_back({g, {b}});
  }
  const auto deletions = actions<Delete>(w.run());
  ASSERT_EQ(deletions.size(), 4u);
  EXPECT_EQ(deletions[0].name, "grandchild-binding");
  EXPECT_EQ(deletions[1].name, "child-binding");
  EXPECT_EQ(deletions[3].resource.kind, "ServiceAccount");
}

}  // namespace
}  // namespace errand::plan
