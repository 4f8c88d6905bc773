// Digests, effective scope, and what becomes of a grant whose scope drifts.
#include "tests/unit/operator/plan/world.hpp"

#include "core/api/seal.hpp"
#include "operator/plan/judge/facts.hpp"

namespace errand::plan {
namespace {

using testing::HasSubstr;

api::TaskGrant golden() {
  World w;
  w.grant->spec.access.secrets = {"ticketing"};
  w.grant->meta.annotations.emplace(api::kRequesterAnnotation, R"({"username":"ann"})");
  return *w.grant;
}

TEST(GrantDigest, IsTheSameForever) {
  EXPECT_EQ(grantDigest(golden()),
            "v1:sha256:4f75883eb5aaaae41449d7047eb5bb6848597ff1e774891eb15ba3b9df080554");
}

TEST(GrantDigest, CoversWhoAskedForWhatUnderWhichName) {
  const std::string before = grantDigest(golden());
  std::vector<api::TaskGrant> others(6, golden());
  others[0].meta.uid = "another";
  others[1].meta.name = "another";
  others[2].meta.ns = "another";
  others[3].meta.annotations.clear();
  others[4].spec.access.roles.push_back("reader");
  others[5].spec.parent = {"p", api::ParentRelation::StepUp};
  for (const auto& g : others) EXPECT_NE(grantDigest(g), before);
}

TEST(GrantDigest, LeavesOutWhatChangesLater) {
  api::TaskGrant g = golden();
  g.spec.revokeReason = "x";
  g.status.phase = api::Phase::Active;
  g.meta.resourceVersion = "99";
  g.meta.labels.emplace("a", "b");
  EXPECT_EQ(grantDigest(g), grantDigest(golden()));
}

TEST(Scope, IsTheSameForever) {
  World w;
  EXPECT_EQ(effectiveOf(w.o).digest,
            "v1:sha256:00ffb25b960ae0357262e3907409a5bfedd8f9cab7f74b5b52cf9d5f52ce300a");
  const auto scope = api::decodeEffective(scopeText(effectiveOf(w.o)));
  ASSERT_TRUE(scope.has_value());
  EXPECT_EQ(*scope, effectiveOf(w.o));
}

TEST(Scope, IsInTheStatusWithTheDigestAndTheRisk) {
  World w;
  const Plan p = w.run();
  EXPECT_EQ(p.status.digest, grantDigest(*w.grant));
  EXPECT_EQ(p.status.effective, effectiveOf(w.o));
  EXPECT_EQ(p.status.workload.templateDigest, "sha256:t");
  EXPECT_EQ(p.status.effectiveRisk, api::Risk::High);
  ASSERT_EQ(actions<MarkStarted>(p).size(), 1u);
  EXPECT_EQ(actions<MarkStarted>(p)[0].scope, scopeText(effectiveOf(w.o)));
}

TEST(Scope, OfAGrantThatWaitsIsPinnedOnce) {
  World w;
  w.grant->spec.window.notBefore = kNow + Seconds{60};
  Plan p = w.run();
  ASSERT_EQ(actions<PinScope>(p).size(), 1u);
  EXPECT_EQ(actions<PinScope>(p)[0].workloadUid, "job-uid");
  EXPECT_TRUE(p.events.empty() || p.events[0].reason != "ScopeChanged");
  auto pinned = w.account({});
  pinned->meta.labels.emplace(api::kWorkloadUidLabel, "job-uid");
  pinned->meta.annotations.emplace(kScopeAnnotation, actions<PinScope>(p)[0].scope);
  w.o.account = pinned;
  EXPECT_TRUE(actions<PinScope>(w.run()).empty());
  w.o.workload->templateDigest = "sha256:u";
  p = w.run();
  EXPECT_EQ(actions<PinScope>(p).size(), 1u) << "taken anew";
  ASSERT_FALSE(p.events.empty());
  EXPECT_EQ(p.events[0].reason, "ScopeChanged");
  EXPECT_THAT(p.events[0].note, HasSubstr("the pod template of Job fix changed"));
  EXPECT_FALSE(mints(p));
}

TEST(Scope, ThatDriftsBeforeTheStartIsSaidAtTheStart) {
  World w;
  auto pinned = w.account({});
  pinned->meta.labels.emplace(api::kWorkloadUidLabel, "job-uid");
  pinned->meta.annotations.emplace(kScopeAnnotation, scopeText(effectiveOf(w.o)));
  w.o.account = pinned;
  w.o.roles[0].rulesDigest = "sha256:s";
  const Plan p = w.run();
  EXPECT_TRUE(mints(p));
  ASSERT_FALSE(p.events.empty());
  EXPECT_THAT(p.events[0].note, HasSubstr("the rules of Role restarter changed"));
}

struct Drift {
  const char* name;
  void (*bend)(World&);
  const char* says;
};

class ActiveDrift : public testing::TestWithParam<Drift> {};

TEST_P(ActiveDrift, EndsTheGrant) {
  World w;
  w.started(kNow - Seconds{60});
  ASSERT_EQ(w.run().status.phase, api::Phase::Active);
  GetParam().bend(w);
  const Plan p = w.run();
  EXPECT_EQ(p.status.phase, api::Phase::Revoked);
  EXPECT_EQ(p.status.endedBecause, "ScopeChanged");
  EXPECT_THAT(message(p.status, "Ready"), HasSubstr(GetParam().says));
  EXPECT_FALSE(mints(p));
  EXPECT_FALSE(actions<Delete>(p).empty());
}

INSTANTIATE_TEST_SUITE_P(
    Scope, ActiveDrift,
    testing::Values(Drift{"rules", [](World& w) { w.o.roles[0].rulesDigest = "sha256:more"; },
                          "the rules of Role restarter"},
                    Drift{"role", [](World& w) { w.o.roles[0].exists = false; },
                          "Role restarter no longer exists"},
                    Drift{"template", [](World& w) { w.o.workload->templateDigest = "sha256:u"; },
                          "the pod template of Job fix"},
                    Drift{"record",
                          [](World& w) {
                            auto bare = std::make_shared<api::ServiceAccount>(*w.o.account);
                            bare->meta.annotations.clear();
                            w.o.account = bare;
                          },
                          "the record of the grant's scope"}),
    [](const auto& tested) { return tested.param.name; });

TEST(Scope, IsNotJudgedOnRolesThatAreNotKnown) {
  World w;
  w.started(kNow - Seconds{60});
  w.o.roles[0] = {{"Role", "restarter"}, "spec.access.roles[0]", false, false, ""};
  EXPECT_EQ(w.run().status.phase, api::Phase::Active) << "a watch that is not listed yet ends nothing";
}

}  // namespace
}  // namespace errand::plan
