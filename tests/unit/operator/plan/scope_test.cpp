// Digests, effective scope, and what becomes of a grant whose scope drifts.
#include "tests/unit/operator/plan/fixture.hpp"

#include "core/api/provenance.hpp"
#include "operator/plan/checks/derived.hpp"

namespace errand::plan {
namespace {

using testing::HasSubstr;

api::TaskGrant golden() {
  PlanFixture w;
  w.grant->spec.access.secrets = {"ticketing"};
  w.grant->meta.annotations.emplace(api::kRequesterUser, "ann");
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
  PlanFixture w;
  EXPECT_EQ(effectiveOf(w.o).digest,
            "v1:sha256:00ffb25b960ae0357262e3907409a5bfedd8f9cab7f74b5b52cf9d5f52ce300a");
}

TEST(Scope, SaysWhichRolesAreDangerousAndAccepted) {
  PlanFixture w;
  w.o.grant = w.grant;
  w.o.identity = w.identity;
  const auto harmless = effectiveOf(w.o);
  w.identity->toolClasses[0].access.roles[0].dangerAccepted = true;
  EXPECT_EQ(effectiveOf(w.o), harmless) << "what is accepted and not there is nothing to approve";
  w.o.roles[0].dangers = {dangerOfSecrets()};
  const auto accepted = effectiveOf(w.o);
  EXPECT_TRUE(accepted.roles[0].dangerAccepted);
  EXPECT_NE(accepted.digest, harmless.digest);
}

TEST(Scope, IsInTheStatusWithTheDigestAndTheRisk) {
  PlanFixture w;
  const Plan p = w.run();
  EXPECT_EQ(p.status.digest, grantDigest(*w.grant));
  EXPECT_EQ(p.status.effective, effectiveOf(w.o));
  EXPECT_EQ(p.status.workload.templateDigest, "sha256:t");
  EXPECT_EQ(p.status.effectiveRisk, api::Risk::High);
}

TEST(Scope, OfAGrantThatWaitsIsPinnedAndTakenAnewWhenItDrifts) {
  PlanFixture w;
  w.grant->spec.window.notBefore = kNow + Seconds{60};
  Plan p = w.run();
  EXPECT_EQ(p.status.workload.uid, "job-uid");
  EXPECT_TRUE(p.events.empty() || !shows(p.events[0], Reason::ScopeChanged));
  w.grant->status = p.status;
  EXPECT_TRUE(w.run().events.empty());
  w.o.workload->templateDigest = "sha256:u";
  p = w.run();
  EXPECT_EQ(p.status.effective, effectiveOf(w.o));
  ASSERT_FALSE(p.events.empty());
  EXPECT_TRUE(shows(p.events[0], Reason::ScopeChanged));
  EXPECT_THAT(p.events[0].note, HasSubstr("the pod template of Job fix changed"));
  EXPECT_FALSE(mints(p));
}

TEST(Scope, ThatDriftsBeforeTheStartIsReportedAtTheStart) {
  PlanFixture w;
  w.grant->status.effective = effectiveOf(w.o);
  w.grant->status.workload = {"job-uid", "sha256:t"};
  w.o.roles[0].rulesDigest = "sha256:s";
  const Plan p = w.run();
  EXPECT_TRUE(starts(p, *w.grant));
  ASSERT_FALSE(p.events.empty());
  EXPECT_THAT(p.events[0].note, HasSubstr("the rules of Role restarter changed"));
}

// A role that nobody could read for a while, or a status written meanwhile, must not take the record's place.
TEST(Scope, OfAnActiveGrantStaysOnRecord) {
  PlanFixture w;
  w.started(kNow - Seconds{60});
  const auto pinned = w.grant->status.effective;
  w.o.roles[0].known = false;
  EXPECT_EQ(w.run().status.effective, pinned);
}

struct Drift {
  const char* name;
  void (*bend)(PlanFixture&);
  const char* says;
};

class ActiveDrift : public testing::TestWithParam<Drift> {};

TEST_P(ActiveDrift, EndsTheGrant) {
  PlanFixture w;
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
    testing::Values(Drift{"rules", [](PlanFixture& w) { w.o.roles[0].rulesDigest = "sha256:more"; },
                          "the rules of Role restarter"},
                    Drift{"role", [](PlanFixture& w) { w.o.roles[0].exists = false; },
                          "Role restarter no longer exists"},
                    Drift{"template", [](PlanFixture& w) { w.o.workload->templateDigest = "sha256:u"; },
                          "the pod template of Job fix"}),
    [](const auto& tested) { return tested.param.name; });

TEST(Scope, IsNotJudgedOnRolesThatAreNotKnown) {
  PlanFixture w;
  w.started(kNow - Seconds{60});
  w.o.roles[0] = {{"Role", "restarter"}, "spec.access.roles[0]", false, false, "", {}};
  EXPECT_EQ(w.run().status.phase, api::Phase::Active) << "a watch that is not listed yet ends nothing";
}

}  // namespace
}  // namespace errand::plan
