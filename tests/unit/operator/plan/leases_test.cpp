// Secrets leased to a projected pod: a copy of the grant's own, in time, current, and gone with it.
#include "operator/plan/leases.hpp"
#include "operator/plan/checks/scope.hpp"
#include "operator/plan/sweep.hpp"
#include "tests/unit/operator/plan/fixture.hpp"

namespace errand::plan {
namespace {

using testing::HasSubstr;

struct Leasing : PlanFixture {
  Leasing() {
    grant->spec.access.secrets = {"ticketing"};
    source("7");
  }
  void source(std::string version) {
    auto s = std::make_shared<api::PartialObject>();
    s->meta.name = "ticketing";
    s->meta.uid = "ticketing-uid";
    s->meta.resourceVersion = std::move(version);
    s->meta.labels.emplace(api::kLeasableLabel, "true");
    o.leasedSecrets = {s};
  }
  void copy(std::string_view version, bool labels = true) {
    auto c = std::make_shared<api::PartialObject>();
    c->meta = owned(api::leaseCopyName(grant->meta.uid, "ticketing"));
    c->meta.annotations.emplace(kLeasedAnnotation, version);
    if (!labels) {
      c->meta.labels.clear();
      c->meta.owners.clear();
    }
    o.leaseCopies = {c};
  }
};

TEST(Leases, AreLookedAtBeforeTheStartAndCopiedAfterIt) {
  Leasing w;
  const Plan first = w.run();
  EXPECT_TRUE(starts(first, *w.grant));
  EXPECT_EQ(position<CheckLease>(first), 0) << "what cannot be leased costs no time";
  EXPECT_TRUE(actions<CopyLease>(first).empty());
  const auto copies = actions<CopyLease>(afterStart(w));
  ASSERT_EQ(copies.size(), 1u);
  EXPECT_EQ(copies[0].source, "ticketing");
  EXPECT_EQ(copies[0].meta.name, api::leaseCopyName(w.grant->meta.uid, "ticketing"));
  EXPECT_EQ(copies[0].meta.owners.size(), 1u);
}

TEST(Leases, OfASlotAreLookedAtBeforeTheStart) {
  Leasing w;
  w.grant->spec.delivery = api::DeliveryMode::Slot;
  EXPECT_EQ(position<CheckLease>(w.run()), 0);
  EXPECT_TRUE(actions<CopyLease>(afterStart(w)).empty());
}

TEST(Leases, FollowTheirSource) {
  Leasing w;
  w.started(kNow - Seconds{60});
  w.copy("ticketing@ticketing-uid/7");
  EXPECT_TRUE(actions<CopyLease>(w.run()).empty());
  w.source("8");
  const Plan p = w.run();
  EXPECT_EQ(p.status.phase, api::Phase::Active) << "a rotation is no drift";
  ASSERT_EQ(actions<CopyLease>(p).size(), 1u);
  EXPECT_EQ(actions<CopyLease>(p)[0].leasedVersion, "ticketing@ticketing-uid/8");
  ASSERT_EQ(p.status.effective.secrets.size(), 1u);
  EXPECT_EQ(p.status.effective.secrets[0].resourceVersion, "8");
  EXPECT_EQ(p.status.effective.digest, effectiveOf(w.o).digest);
}

TEST(Leases, OfAnotherSecretOfThatNameEndTheGrant) {
  Leasing w;
  w.started(kNow - Seconds{60});
  auto another = std::make_shared<api::PartialObject>(*w.o.leasedSecrets[0]);
  another->meta.uid = "another";
  w.o.leasedSecrets = {another};
  EXPECT_EQ(w.run().status.endedBecause, "ScopeChanged");
}

TEST(Leases, GoAfterTheRightsAndBeforeTheAccount) {
  Leasing w;
  w.started(kNow - Seconds{60});
  w.copy("ticketing@ticketing-uid/7");
  w.grant->spec.revokeReason = "x";
  const auto deletions = actions<Delete>(w.run());
  ASSERT_EQ(deletions.size(), 3u);
  EXPECT_EQ(deletions[1].name, api::leaseCopyName(w.grant->meta.uid, "ticketing"));
  EXPECT_EQ(deletions[2].resource.kind, "ServiceAccount");
}

TEST(Leases, GoAlsoWhereLabelsAndOwnerWereTakenOff) {
  Leasing w;
  w.started(kNow - Seconds{60});
  w.copy("ticketing@ticketing-uid/7", /*labels=*/false);
  w.grant->spec.revokeReason = "x";
  EXPECT_EQ(actions<Delete>(w.run()).size(), 3u);
  SweepInput in;
  in.secrets = w.o.leaseCopies;
  ASSERT_EQ(leftovers(in).size(), 1u);
  in.liveUids = {w.grant->meta.uid};
  EXPECT_EQ(leftovers(in).size(), 1u) << "it has ended";
  in.runningUids = {w.grant->meta.uid};
  EXPECT_TRUE(leftovers(in).empty());
}

TEST(Leases, AreWithdrawnWhereAStartWasBrokenOff) {
  Leasing w;
  w.copy("ticketing@ticketing-uid/7");
  w.o.workload.reset();
  ASSERT_EQ(actions<Delete>(w.run()).size(), 1u);
}

TEST(Leases, LeaveASecretOfTheirNameThatIsNotTheirs) {
  Leasing w;
  auto foreign = std::make_shared<api::PartialObject>();
  foreign->meta.name = api::leaseCopyName(w.grant->meta.uid, "ticketing");
  w.o.leaseCopies = {foreign};
  const Plan p = w.run();
  EXPECT_FALSE(mints(p));
  EXPECT_THAT(message(p.status, "Stalled"), HasSubstr("was not made for this grant"));
  EXPECT_TRUE(actions<Delete>(p).empty());
}

TEST(Leases, ThatWouldHideAFileOfTheGrantStall) {
  Leasing w;
  for (const char* name : {"token", "ca.crt", "namespace", "mcp"}) {
    w.grant->spec.access.secrets = {name};
    w.identity->toolClasses[0].access.secrets = {name};
    auto s = std::make_shared<api::PartialObject>(*w.o.leasedSecrets[0]);
    s->meta.name = name;
    w.o.leasedSecrets = {s};
    const Plan p = w.run();
    EXPECT_FALSE(mints(p)) << name;
    EXPECT_THAT(message(p.status, "Stalled"), HasSubstr("spec.access.secrets[0]"));
  }
}

}  // namespace
}  // namespace errand::plan
