// The end: every cause, the order of revocation, the proof, and that it is final.
#include <gtest/gtest.h>

#include "operator/plan/failure.hpp"
#include "tests/unit/operator/plan/fixture.hpp"

namespace errand::plan {
namespace {

using api::Phase;

struct Cause {
  const char* because;
  Phase phase;
  void (*bend)(PlanFixture&);
};

class Ends : public testing::TestWithParam<Cause> {};

TEST_P(Ends, InThePhaseWithTheReasonAndRightsGoFirst) {
  PlanFixture w;
  w.started(kNow - Seconds{60});
  w.pod("job-uid");
  GetParam().bend(w);
  const Plan p = w.run();
  ASSERT_TRUE(p.statusFirst.has_value()) << "the end is stored before anything is withdrawn";
  EXPECT_EQ(p.statusFirst->phase, GetParam().phase);
  EXPECT_EQ(p.statusFirst->endedBecause, GetParam().because);
  EXPECT_EQ(p.statusFirst->revocation.requestedAt, w.now);
  EXPECT_TRUE(isTrue(*p.statusFirst, "Ready"));
  EXPECT_FALSE(mints(p));
  const auto deletes = actions<Delete>(p);
  ASSERT_FALSE(deletes.empty());
  EXPECT_EQ(deletes.front().resource.kind, "RoleBinding");
  EXPECT_EQ(p.events.size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(
    All, Ends,
    testing::Values(
        Cause{"WorkloadComplete", Phase::Completed, [](PlanFixture& w) { w.o.workload->complete = true; }},
        Cause{"WorkloadFailed", Phase::Failed, [](PlanFixture& w) { w.o.workload->failed = true; }},
        Cause{"WorkloadDeleted", Phase::Failed, [](PlanFixture& w) { w.o.workload.reset(); }},
        Cause{"WorkloadDeleted", Phase::Failed, [](PlanFixture& w) { w.o.workload->uid = "another"; }},
        Cause{"WorkloadDeleted", Phase::Failed, [](PlanFixture& w) { w.o.workload->deleting = true; }},
        Cause{"WorkloadComplete", Phase::Completed,
              [](PlanFixture& w) { w.o.workload->deleting = w.o.workload->complete = true; }},
        Cause{"WindowClosed", Phase::Expired, [](PlanFixture& w) { w.now += Seconds{840}; }},
        Cause{"RevokeRequested", Phase::Revoked,
              [](PlanFixture& w) { w.grant->spec.revokeReason = "wrong"; }},
        Cause{"Deleted", Phase::Revoked, [](PlanFixture& w) { w.grant->meta.deletionTimestamp = kNow; }},
        Cause{"IdentitySuspended", Phase::Revoked, [](PlanFixture& w) { w.identity->suspended = true; }},
        Cause{"IdentityExpired", Phase::Revoked, [](PlanFixture& w) { w.identity->expiresAt = kNow; }},
        Cause{"CeilingLowered", Phase::Revoked,
              [](PlanFixture& w) { w.identity->toolClasses[0].access.roles.clear(); }},
        Cause{"ToolClassNotFound", Phase::Revoked,
              [](PlanFixture& w) { w.identity->toolClasses[0].name = "x"; }},
        Cause{"NamespaceSuspended", Phase::Revoked, [](PlanFixture& w) { w.o.ns.suspended = true; }},
        Cause{"NamespaceNotEnforced", Phase::Revoked, [](PlanFixture& w) { w.o.ns.enforced = false; }},
        Cause{"NamespaceTerminating", Phase::Revoked, [](PlanFixture& w) { w.o.ns.terminating = true; }},
        Cause{"EnforcementInterrupted", Phase::Revoked, [](PlanFixture& w) { w.o.ns.enforcedSince = kNow; }},
        Cause{"GuardsInterrupted", Phase::Revoked, [](PlanFixture& w) { w.o.guards.since = kNow; }},
        Cause{"RequesterNotAuthorized", Phase::Revoked,
              [](PlanFixture& w) { w.o.request.mayRequest = false; }},
        Cause{"StandingBinding", Phase::Revoked,
              [](PlanFixture& w) {
                w.o.standing = {{"ClusterRoleBinding", "", "all", {"ClusterRole", "edit"}, "errand-g.x"}};
              }},
        Cause{"DangerousRole", Phase::Revoked,
              [](PlanFixture& w) { w.o.roles[0].dangers = {dangerOfSecrets()}; }},
        Cause{"DangerousRole", Phase::Revoked,
              [](PlanFixture& w) {
                w.o.roles[0].rulesDigest = "sha256:wider";
                w.o.roles[0].dangers = {dangerOfSecrets()};
              }},
        Cause{"CredentialsLost", Phase::Revoked,
              [](PlanFixture& w) { w.grant->status.serviceAccount.uid = "another"; }},
        Cause{"CredentialsLost", Phase::Revoked, [](PlanFixture& w) { w.o.account = nullptr; }}));

// The account that it runs as was made for the agent, so its controller from before could make it only later.
TEST(Ended, WhenAPodOfAControllerFromBeforeMountsItsSlot) {
  PlanFixture w;
  w.grant->spec.delivery = api::DeliveryMode::Slot;
  w.started(kNow - Seconds{60});
  w.slotFilled(kNow, Seconds{900});
  const auto holder = [&](std::vector<policy::Owner> owners) {
    w.o.slotMounts = {{"p", "errand-a.triage-bot.remediation", kNow, std::move(owners)}};
    return w.run().status.endedBecause;
  };
  EXPECT_EQ(holder({{"ReplicaSet", "r", kNow}, {"Deployment", "d", kNow}}), "");
  EXPECT_EQ(holder({{"ReplicaSet", "r", {}}}), "") << "its watch may be a moment late";
  EXPECT_EQ(holder({{"ReplicaSet", "r", kNow - Seconds{3601}}}), "SlotMounted");
  EXPECT_EQ(holder({{"DaemonSet", "s", {}}}), "SlotMounted") << "nobody will know";
  w.grant->status.startedAt = kNow - Seconds{3700};
  w.grant->spec.window.duration = w.identity->toolClasses[0].maxDuration = Seconds{7200};
  EXPECT_EQ(holder({{"ReplicaSet", "r", kNow - Seconds{3601}}}), "") << "an earlier version has started it";
}

// A condition that pauses new starts must not end a running grant.
TEST(Ended, NotByGuardsThatAreMissingOrQuestionsWithoutAnAnswer) {
  PlanFixture w;
  w.started(kNow - Seconds{60});
  w.o.guards = {false, {}, "a binding is missing"};
  w.o.request.mayRequest.reset();
  w.o.roles[0].mayBind = false;
  w.o.workload->created = kNow - Seconds{9999};
  EXPECT_EQ(w.run().status.phase, Phase::Active);
}

// Its status has no uids, because that version kept them on the account.
TEST(Ended, NotByAnUpgradeFromAVersionThatKeptItsRecordsElsewhere) {
  PlanFixture w;
  w.started(kNow - Seconds{60});
  w.grant->status.serviceAccount = {};
  w.grant->status.identityUid.clear();
  w.grant->status.enforcedSince.reset();
  w.o.request.requester = std::unexpected(api::RequesterProblem{});
  w.o.ns.enforcedSince = kNow + Seconds{5};
  const Plan p = w.run();
  EXPECT_EQ(p.status.phase, Phase::Active);
  EXPECT_EQ(p.status.serviceAccount.uid, w.o.account->meta.uid);
  EXPECT_EQ(p.status.identityUid, "identity-uid");
  EXPECT_EQ(p.status.enforcedSince, w.o.ns.enforcedSince);
}

TEST(Ended, OrphansAreWithdrawnAllTheSame) {
  PlanFixture w;
  w.started(kNow);
  auto account = std::make_shared<api::ServiceAccount>(*w.o.account);
  account->meta.owners.clear();
  w.o.account = account;
  auto binding = std::make_shared<api::RoleBinding>(*w.o.bindings[0]);
  binding->meta.owners.clear();
  binding->meta.labels.clear();
  w.o.bindings = {binding};
  w.grant->meta.deletionTimestamp = kNow;
  EXPECT_EQ(actions<Delete>(w.run()).size(), 2u);
}

TEST(Ended, ASlotWhoseLabelsAreGoneIsWithdrawnByItsOwnerAndWhatItHolds) {
  PlanFixture w;
  w.grant->spec.delivery = api::DeliveryMode::Slot;
  w.started(kNow);
  w.slotFilled(kNow, Seconds{900});
  auto bare = std::make_shared<api::PartialObject>(*w.o.slotSecret);
  bare->meta.labels.clear();
  w.o.slotSecret = bare;
  w.grant->spec.revokeReason = "test";
  EXPECT_EQ(actions<Delete>(w.run()).size(), 3u);
  bare = std::make_shared<api::PartialObject>(*bare);
  bare->meta.owners.clear();
  w.o.slotSecret = bare;
  EXPECT_EQ(actions<Delete>(w.run()).size(), 2u) << "it may be anybody's";
}

TEST(Ended, WhatMayNotBeTakenBackIsSaidAndForgottenAfterwards) {
  PlanFixture w = PlanFixture();
  w.started(kNow);
  w.grant->status.phase = Phase::Revoked;
  w.grant->status.endedBecause = "RevokeRequested";
  w.o.grant = w.grant;
  w.o.identity = w.identity;
  const Action removal = Delete{api::kRoleBindings, "b", "u"};
  for (const ErrorKind passing : {ErrorKind::Unavailable, ErrorKind::Timeout, ErrorKind::TooManyRequests})
    EXPECT_FALSE(isTrue(afterFailure(w.o, removal, {passing, "later", {}}, kNow), "Stalled"));
  const Error policy{ErrorKind::Invalid, "denied by a policy", {}};
  EXPECT_THAT(message(afterFailure(w.o, removal, policy, kNow), "Stalled"),
              testing::HasSubstr("let the operator's account pass whatever refuses it: denied by a policy"));
  const Error rbac{ErrorKind::Forbidden, "User \"o\" cannot delete resource \"rolebindings\"", {}};
  w.grant->status = afterFailure(w.o, removal, rbac, kNow);
  EXPECT_EQ(w.grant->status.phase, Phase::Revoked);
  EXPECT_TRUE(isTrue(w.grant->status, "Stalled"));
  EXPECT_THAT(message(w.grant->status, "Stalled"), testing::HasSubstr("RoleBinding errand-operator"));
  EXPECT_FALSE(isTrue(w.run().status, "Stalled")) << "once the withdrawal has succeeded";
}

TEST(Ended, WhenALeaseIsWithdrawn) {
  PlanFixture w;
  w.grant->spec.delivery = api::DeliveryMode::Slot;
  w.grant->spec.access.secrets = {"ticketing"};
  w.started(kNow);
  w.slotFilled(kNow, Seconds{900});
  EXPECT_EQ(w.run().status.endedBecause, "LeaseWithdrawn");
}

TEST(Ended, ProjectedMintsAProbeBeforeTheAccountGoes) {
  PlanFixture w;
  w.started(kNow);
  w.grant->spec.revokeReason = "x";
  const Plan p = w.run();
  EXPECT_EQ(allActions(p).size(), 3u);
  EXPECT_EQ(position<MintProbe>(p), 1);
  EXPECT_EQ(std::get<Delete>(allActions(p)[2]).resource.kind, "ServiceAccount");
}

TEST(Ended, SlotGoesBindingThenSecretThenAccount) {
  PlanFixture w;
  w.grant->spec.delivery = api::DeliveryMode::Slot;
  w.started(kNow);
  w.slotFilled(kNow, Seconds{900});
  w.grant->spec.revokeReason = "x";
  const auto deletes = actions<Delete>(w.run());
  ASSERT_EQ(deletes.size(), 3u);
  EXPECT_EQ(deletes[0].resource.kind, "RoleBinding");
  EXPECT_EQ(deletes[1].resource.kind, "Secret");
  EXPECT_TRUE(deletes[1].keepToken);
  EXPECT_EQ(deletes[2].resource.kind, "ServiceAccount");
}

TEST(Ended, WhenItsSlotIsMovedElsewhere) {
  PlanFixture w;
  w.grant->spec.delivery = api::DeliveryMode::Slot;
  w.started(kNow);
  w.slotFilled(kNow, Seconds{900});
  w.grant->status.secretName = "errand-triage-remediation";
  w.identity->toolClasses[0].slotSecretName = "errand-elsewhere";
  const Plan p = w.run();
  EXPECT_EQ(p.status.endedBecause, "CeilingLowered");
  EXPECT_EQ(actions<Delete>(p).at(1).name, "errand-triage-remediation");
}

// As where a quota forbids the Secret: nothing is to be proven, and a deletion need not wait for an expiry.
TEST(Ended, AtOnceWhereTheSlotWasNeverWritten) {
  PlanFixture w;
  w.grant->spec.delivery = api::DeliveryMode::Slot;
  w.started(kNow);
  w.grant->status.phase = Phase::Pending;
  w.grant->spec.revokeReason = "x";
  EXPECT_FALSE(w.run().status.revocation.requestedAt);
  w.o.proof.tokenHeld = true;
  EXPECT_TRUE(w.run().status.revocation.requestedAt) << "one was minted, and can be asked about";
  w.o.proof.tokenHeld = false;
  w.slotFilled(kNow, Seconds{900});
  EXPECT_TRUE(w.run().status.revocation.requestedAt);
}

TEST(Ended, KeepsTheRiskItHad) {
  PlanFixture w;
  w.grant->status.phase = api::Phase::Revoked;
  w.grant->status.effectiveRisk = api::Risk::Low;
  w.grant->spec.task.risk = api::Risk::Low;
  w.identity->toolClasses[0].minimumRisk = api::Risk::Critical;
  EXPECT_EQ(w.run().status.effectiveRisk, api::Risk::Low);
}

TEST(Ended, NeverDeletesWhatItDoesNotOwn) {
  PlanFixture w;
  w.grant->spec.delivery = api::DeliveryMode::Slot;
  w.started(kNow);
  w.slotFilled(kNow, Seconds{900});
  auto foreign = std::make_shared<api::PartialObject>(*w.o.slotSecret);
  foreign->meta.owners.clear();
  foreign->meta.labels.clear();
  w.o.slotSecret = foreign;
  w.grant->spec.revokeReason = "x";
  for (const Delete& d : actions<Delete>(w.run())) EXPECT_NE(d.resource.kind, "Secret");
}

PlanFixture withdrawn() {
  PlanFixture w;
  w.started(kNow - Seconds{60});
  w.o.account = nullptr;
  w.o.bindings.clear();
  w.grant->status.phase = Phase::Completed;
  w.grant->status.endedAt = w.grant->status.revocation.requestedAt = kNow;
  return w;
}

TEST(Proof, NeedsFifteenSecondsOfRefusal) {
  PlanFixture w = withdrawn();
  w.o.proof = {true, kNow + Seconds{1}, {}, {}};
  w.now = kNow + Seconds{15};
  Plan p = w.run();
  EXPECT_EQ(position<ReviewToken>(p), 0);
  EXPECT_FALSE(p.status.revocation.confirmedAt.has_value());
  w.now = kNow + Seconds{16};
  p = w.run();
  EXPECT_EQ(p.status.revocation.confirmedBy, "TokenReview");
}

TEST(Proof, WithoutATokenWaitsForExpiryAndLeeway) {
  PlanFixture w = withdrawn();
  w.now = kNow + Seconds{659};
  EXPECT_FALSE(w.run().status.revocation.confirmedAt.has_value());
  w.now = kNow + Seconds{660};
  EXPECT_EQ(w.run().status.revocation.confirmedBy, "Expiry");
}

TEST(Proof, WithoutATokenASlotWaitsForItsLastCredential) {
  PlanFixture w = withdrawn();
  w.grant->spec.delivery = api::DeliveryMode::Slot;
  w.grant->status.credentials = {{"api", "5f0c9d2e-0000-4000-8000-000000000001", kNow, kNow + Seconds{2000}}};
  w.now = kNow + Seconds{2059};
  EXPECT_FALSE(w.run().status.revocation.confirmedAt.has_value());
  w.now = kNow + Seconds{2060};
  EXPECT_TRUE(w.run().status.revocation.confirmedAt.has_value());
}

TEST(Ended, TerminalStaysTerminal) {
  for (const Phase phase : {Phase::Completed, Phase::Failed, Phase::Expired, Phase::Revoked, Phase::Denied}) {
    PlanFixture w;
    w.grant->status.phase = phase;
    w.grant->status.endedAt = kNow;
    w.pod("job-uid");
    const Plan p = w.run();
    EXPECT_EQ(p.status.phase, phase);
    EXPECT_FALSE(mints(p));
  }
}

// kubectl wait takes a condition of an earlier generation as past.
TEST(Ended, WhatIsSaidHoldsForASpecThatIsRevokedTooLate) {
  PlanFixture w;
  w.started(kNow);
  w.o.workload->complete = true;
  w.grant->status = *w.run().statusFirst;
  w.grant->spec.revokeReason = "too late";
  ++w.grant->meta.generation;
  const auto status = w.run().status;
  EXPECT_EQ(status.endedBecause, "WorkloadComplete");
  for (const api::Condition& c : status.conditions) EXPECT_EQ(c.observedGeneration, w.grant->meta.generation);
}

TEST(Ended, DeletedGrantKeepsItsFinalizerUntilTheProof) {
  PlanFixture w = withdrawn();
  w.grant->meta.deletionTimestamp = kNow;
  EXPECT_EQ(position<RemoveFinalizer>(w.run()), -1);
  w.grant->status.revocation.confirmedAt = kNow;
  EXPECT_EQ(position<RemoveFinalizer>(w.run()), 0);
}

// The record is kept for a day. It must not hold up a deletion, because the operator may be gone by then.
TEST(Ended, ARecordLosesItsFinalizerOnceItsEndIsConfirmed) {
  PlanFixture w = withdrawn();
  EXPECT_EQ(position<RemoveFinalizer>(w.run()), -1);
  w.grant->status.revocation.confirmedAt = kNow;
  EXPECT_EQ(position<RemoveFinalizer>(w.run()), 0);
  EXPECT_EQ(position<DeleteGrant>(w.run()), -1) << "the record stays";
  w.grant->meta.finalizers = {"example.com/keep"};
  EXPECT_TRUE(w.run().bookkeeping.empty()) << "one write is enough";
}

TEST(Ended, AGrantThatNeverStartedLosesItsFinalizerAtOnce) {
  PlanFixture w;
  w.o.account = nullptr;
  w.o.bindings.clear();
  w.grant->status.phase = Phase::Denied;
  w.grant->status.endedAt = kNow;
  EXPECT_EQ(position<RemoveFinalizer>(w.run()), 0);
}

// The sweep does not end pods.
TEST(Ended, ARecordKeepsItsFinalizerWhileItsPodsRun) {
  PlanFixture w = withdrawn();
  w.grant->status.revocation.confirmedAt = kNow;
  w.pod("job-uid");
  auto running = std::make_shared<api::Pod>(*w.o.pods.back());
  running->schedulingGates.clear();
  w.o.pods.back() = running;
  const Plan p = w.run();
  ASSERT_FALSE(p.endRuns.empty());
  EXPECT_EQ(position<RemoveFinalizer>(p), -1);
}

TEST(Ended, DyingNamespaceIsNotHeldUp) {
  PlanFixture w;
  w.started(kNow);
  w.o.ns.terminating = true;
  w.grant->meta.deletionTimestamp = kNow;
  const Plan p = w.run();
  EXPECT_GE(position<RemoveFinalizer>(p), 0);
  for (const Delete& d : actions<Delete>(p)) EXPECT_TRUE(d.bestEffort);
}

TEST(Ended, IsForgottenAfterItsTime) {
  PlanFixture w = withdrawn();
  w.grant->status.revocation.confirmedAt = kNow;
  w.grant->spec.ttlSecondsAfterFinished = 7200;
  EXPECT_EQ(w.run().requeueAfter, Seconds{7200});
  w.grant->spec.ttlSecondsAfterFinished = 100;
  EXPECT_EQ(w.run().requeueAfter, Seconds{3600}) << "an hour at least";
  w.now = kNow + Seconds{3600};
  EXPECT_EQ(position<RemoveFinalizer>(w.run()), 0);
  EXPECT_EQ(position<DeleteGrant>(w.run()), 1);
}

TEST(Ended, TheRecordOfAConfirmedEndHoldsUpNoDeletion) {
  PlanFixture w = withdrawn();
  EXPECT_EQ(position<RemoveFinalizer>(w.run()), -1) << "the end is not confirmed";
  w.grant->status.revocation.confirmedAt = kNow;
  EXPECT_EQ(position<RemoveFinalizer>(w.run()), 0);
  EXPECT_EQ(position<DeleteGrant>(w.run()), -1) << "it is kept as a record";
  w.grant->meta.finalizers.clear();
  EXPECT_EQ(position<RemoveFinalizer>(w.run()), -1);
}

TEST(Report, AUsersWordsCannotPutATokenIntoStatus) {
  PlanFixture w;
  w.grant->spec.revokeReason = "see eyJhbGciOi.eyJzdWIi.sig please";
  const std::string says = message(*w.run().statusFirst, "Ready");
  EXPECT_EQ(says.find("eyJ"), std::string::npos);
  EXPECT_THAT(says, testing::HasSubstr("[removed] please"));
}

TEST(AfterFailure, MissingBindNamesTheFieldAndTheWayOut) {
  PlanFixture w;
  w.o.grant = w.grant;
  w.o.identity = w.identity;
  CreateBinding create;
  create.binding.role = {"Role", "restarter"};
  create.path = "spec.access.roles[0]";
  const auto status = afterFailure(w.o, create, {ErrorKind::Forbidden, "no", {}}, kNow);
  EXPECT_TRUE(isTrue(status, "Stalled"));
  EXPECT_THAT(message(status, "Stalled"),
              testing::HasSubstr("spec.access.roles[0]: the operator may not bind Role"));
}

}  // namespace
}  // namespace errand::plan
