// Workloads that still run at the end of a grant: the operator ends them after it has removed the rights. The
// status names their pods until they have ended.
#include <gtest/gtest.h>

#include "operator/plan/checks/runs.hpp"
#include "operator/plan/failure.hpp"
#include "tests/unit/operator/plan/fixture.hpp"

namespace errand::plan {
namespace {

using testing::ElementsAre;

struct Running : PlanFixture {
  Running() {
    started(kNow - Seconds{60});
    pod("job-uid");
    bendPod([](api::Pod& p) {
      p.schedulingGates.clear();
      p.phase = "Running";
      p.nodeName = "node";
      p.activeDeadlineSeconds = 800;
    });
    job();
    grant->spec.revokeReason = "wrong";
  }

  void bendPod(void (*bend)(api::Pod&)) {
    auto bent = std::make_shared<api::Pod>(*o.pods.at(0));
    bend(*bent);
    o.pods = {bent};
  }

  void job(void (*bend)(api::Job&) = [](api::Job&) {}) {
    auto made = std::make_shared<api::Job>();
    made->meta.name = "fix";
    made->meta.uid = "job-uid";
    made->started = true;
    made->podLabels = {{std::string(api::kGrantLabel), "inc-1"}};
    bend(*made);
    o.job = made;
  }

  std::vector<std::string> ended() {
    std::vector<std::string> out;
    for (const EndRun& run : actions<EndRun>(this->run()))
      out.push_back(std::string(run.resource.kind) + "/" + run.uid);
    return out;
  }
};

TEST(Runs, JobAndPodEndAfterTheRightsAreGone) {
  Running w;
  EXPECT_THAT(w.ended(), ElementsAre("Job/job-uid", "Pod/pod-uid"));
  const Plan p = w.run();
  const std::vector<Action> all = allActions(p);
  ASSERT_TRUE(std::holds_alternative<Delete>(all.at(0)));
  const auto isEndRun = [](const Action& a) { return std::holds_alternative<EndRun>(a); };
  const auto last = std::ranges::find_if(all, isEndRun);
  EXPECT_TRUE(std::all_of(last, all.end(), isEndRun));
  EXPECT_THAT(p.statusFirst->revocation.podsRunning, ElementsAre("fix-abcde"));
}

TEST(Runs, NothingIsToldTwice) {
  Running w;
  w.bendPod([](api::Pod& p) { p.activeDeadlineSeconds = 1; });
  w.job([](api::Job& j) { j.activeDeadlineSeconds = 1; });
  EXPECT_THAT(w.ended(), ElementsAre());
}

TEST(Runs, WhatHasEndedOrNeverRanIsLeftAlone) {
  Running w;
  w.bendPod([](api::Pod& p) { p.phase = "Succeeded"; });
  w.job([](api::Job& j) { j.complete = true; });
  EXPECT_THAT(w.ended(), ElementsAre());
  w.bendPod([](api::Pod& p) {
    p.phase = "Pending";
    p.schedulingGates = {std::string(api::kSchedulingGate)};
  });
  w.job([](api::Job& j) { j.started = false; });
  EXPECT_THAT(w.ended(), ElementsAre());
}

TEST(Runs, AJobThatIsNotTheGrantsGoesOn) {
  Running w;
  w.job([](api::Job& j) { j.meta.uid = "another"; });
  EXPECT_THAT(w.ended(), ElementsAre("Pod/pod-uid"));
}

TEST(Runs, AJobWhosePodsAreNotMadeForTheGrantGoesOn) {
  Running w;
  w.job([](api::Job& j) { j.podLabels = {{std::string(api::kGrantLabel), "another"}}; });
  EXPECT_THAT(w.ended(), ElementsAre("Pod/pod-uid"));
  w.job([](api::Job& j) { j.podLabels.clear(); });
  EXPECT_THAT(w.ended(), ElementsAre("Pod/pod-uid"));
}

TEST(Runs, APodWithoutItsJobEndsAsWell) {
  Running w;
  w.o.job.reset();
  w.o.workload.reset();
  EXPECT_THAT(w.ended(), ElementsAre("Pod/pod-uid"));
}

TEST(Runs, ASlotsPodsGoOn) {
  Running w;
  w.grant->spec.delivery = api::DeliveryMode::Slot;
  EXPECT_THAT(w.ended(), ElementsAre());
}

TEST(Runs, AGrantThatNeverStartedEndsNothing) {
  Running w;
  w.grant->status.startedAt.reset();
  EXPECT_THAT(w.ended(), ElementsAre());
}

TEST(Runs, TheStatusFollowsThePodsToTheirEnd) {
  Running w;
  w.grant->status = *w.run().statusFirst;
  w.o.bindings.clear();
  w.o.account.reset();
  EXPECT_THAT(w.run().status.revocation.podsRunning, ElementsAre("fix-abcde"));
  w.bendPod([](api::Pod& p) { p.phase = "Failed"; });
  EXPECT_THAT(w.run().status.revocation.podsEnded, ElementsAre("fix-abcde"));
  EXPECT_THAT(w.run().status.revocation.podsRunning, ElementsAre());
  w.o.pods.clear();
  EXPECT_THAT(w.run().status.revocation.podsEnded, ElementsAre("fix-abcde")) << "a pod that is gone";
}

TEST(Runs, APodWithoutANodeIsToldAndDoesNotRun) {
  Running w;
  w.bendPod([](api::Pod& p) { p.nodeName.clear(); });
  EXPECT_THAT(w.run().statusFirst->revocation.podsRunning, ElementsAre());
  EXPECT_THAT(w.ended(), ElementsAre("Job/job-uid", "Pod/pod-uid"));
}

TEST(Runs, TheStatusNamesTenPodsAtMost) {
  Running w;
  const auto one = w.o.pods[0];
  for (int i = 0; i < 20; ++i) {
    auto more = std::make_shared<api::Pod>(*one);
    more->meta.name = "fix-" + std::to_string(i);
    w.o.pods.push_back(more);
  }
  EXPECT_EQ(w.run().statusFirst->revocation.podsRunning.size(), 10u);
  EXPECT_EQ(actions<EndRun>(w.run()).size(), 22u);
}

const EndRun kRun{api::kPods, "fix-abcde", "pod-uid"};

TEST(Runs, ARefusalIsSaid) {
  Running w;
  w.grant->status = *w.run().statusFirst;
  w.o.grant = w.grant;
  const auto status = afterFailure(w.o, kRun, {ErrorKind::Forbidden, "no"}, kNow);
  EXPECT_TRUE(isTrue(status, "Stalled"));
  EXPECT_THAT(message(status, "Stalled"),
              testing::HasSubstr("Pod fix-abcde cannot be ended, so connections"));
  EXPECT_EQ(api::findCondition(status.conditions, "Active")->reason, "Revoking") << "its rights are gone";
}

// An unreachable webhook of another vendor causes the same error as an API server with a problem of its own.
TEST(Runs, ATroubleThatStaysIsSaid) {
  Running w;
  w.grant->status = *w.run().statusFirst;
  w.o.grant = w.grant;
  const Error trouble{ErrorKind::Internal, "failed calling webhook \"theirs\"", {}};
  EXPECT_FALSE(isTrue(afterFailure(w.o, kRun, trouble, kNow + Seconds{14}), "Stalled"));
  EXPECT_THAT(message(afterFailure(w.o, kRun, trouble, kNow + Seconds{15}), "Stalled"),
              testing::HasSubstr("failed calling webhook \"theirs\""));
  const Action removal = Delete{api::kRoleBindings, "b", "u"};
  EXPECT_TRUE(isTrue(afterFailure(w.o, removal, trouble, kNow + Seconds{15}), "Stalled"));
}

// An ended grant of which only its workload is left, and every attempt to end that is rejected.
struct Untold : Running {
  Untold() {
    grant->status = *run().statusFirst;
    o.bindings.clear();
    o.account.reset();
    o.proof = {true, kNow, {}, {}};
  }
};

TEST(Runs, WhatCannotBeEndedHoldsNoProofOff) {
  Untold w;
  Plan p = w.run();
  EXPECT_EQ(position<ReviewToken>(p), 0);
  EXPECT_EQ(position<EndRun>(p), 1) << "and it is told again";
  w.now = kNow + Seconds{15};
  p = w.run();
  EXPECT_EQ(p.status.revocation.confirmedBy, "TokenReview");
  EXPECT_THAT(w.ended(), ElementsAre("Job/job-uid", "Pod/pod-uid"));
  w.grant->status = p.status;
  EXPECT_THAT(w.ended(), ElementsAre("Job/job-uid", "Pod/pod-uid")) << "also after the proof";
  EXPECT_LE(*w.run().requeueAfter, w.settings.recheck);
}

// The sweep does not cover pods and Jobs. So the grant stays until they are ended, and its status says what
// it waits for.
TEST(Runs, WhatCannotBeEndedKeepsTheGrant) {
  Untold w;
  w.grant->status.revocation.confirmedAt = kNow;
  w.grant->meta.deletionTimestamp = kNow;
  EXPECT_EQ(position<RemoveFinalizer>(w.run()), -1);
  w.grant->status = afterFailure(w.o, kRun, {ErrorKind::Forbidden, "no"}, kNow);
  EXPECT_TRUE(isTrue(w.run().status, "Stalled")) << "until it is told";
  EXPECT_THAT(message(w.run().status, "Stalled"), testing::HasSubstr("Pod fix-abcde"));
  w.bendPod([](api::Pod& p) { p.activeDeadlineSeconds = 1; });
  w.job([](api::Job& j) { j.activeDeadlineSeconds = 1; });
  EXPECT_EQ(position<RemoveFinalizer>(w.run()), 0);
  EXPECT_FALSE(isTrue(w.run().status, "Stalled"));
}

TEST(Runs, ARecordIsNotForgottenBeforeWhatRunsIsTold) {
  Untold w;
  w.grant->status.revocation.confirmedAt = kNow;
  w.now = kNow + Seconds{100 * 24 * 3600};
  EXPECT_EQ(position<DeleteGrant>(w.run()), -1);
  w.o.pods.clear();
  w.o.job.reset();
  EXPECT_EQ(position<DeleteGrant>(w.run()), 1);
}

}  // namespace
}  // namespace errand::plan
