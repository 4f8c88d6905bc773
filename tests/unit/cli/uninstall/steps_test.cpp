// The order of a drain.
#include "cli/uninstall/steps.hpp"

#include <gtest/gtest.h>

namespace errand::cli {
namespace {

Step step(OperatorState state, size_t unrevoked, size_t ending, bool hasDeployment = true,
          bool isPatient = false) {
  return nextStep({unrevoked, ending, state, hasDeployment, isPatient});
}

TEST(Steps, GrantsAreRevokedAndWaitedForWhileTheOperatorRuns) {
  EXPECT_EQ(step(OperatorState::Running, 1, 1), Step::Revoke);
  EXPECT_EQ(step(OperatorState::Running, 0, 1), Step::Wait);
  EXPECT_EQ(step(OperatorState::Running, 1, 0, false), Step::Revoke) << "beside the cluster";
}

TEST(Steps, TheOperatorIsStoppedBeforeAnythingIsRemoved) {
  EXPECT_EQ(step(OperatorState::Running, 0, 0), Step::StopOperator);
  EXPECT_EQ(step(OperatorState::Silent, 0, 0), Step::StopOperator) << "it might come back";
  EXPECT_EQ(step(OperatorState::Stopping, 0, 0), Step::Wait);
  EXPECT_EQ(step(OperatorState::Unknown, 0, 0), Step::Wait);
  EXPECT_EQ(step(OperatorState::Stopped, 0, 0), Step::Finish);
  EXPECT_EQ(step(OperatorState::Running, 0, 0, false), Step::StopByHand);
  EXPECT_EQ(step(OperatorState::Stopped, 0, 0, false), Step::Finish);
}

TEST(Steps, AGrantThatStartedMeanwhileNeedsTheOperatorAgain) {
  EXPECT_EQ(step(OperatorState::Stopping, 1, 0), Step::Wait);
  EXPECT_EQ(step(OperatorState::Stopped, 1, 0), Step::StartOperator);
  EXPECT_EQ(step(OperatorState::Stopped, 0, 1), Step::StartOperator) << "an interrupted run";
}

TEST(Steps, GrantsWithoutAnOperatorAreReported) {
  EXPECT_EQ(step(OperatorState::Silent, 1, 0), Step::NoOperator);
  EXPECT_EQ(step(OperatorState::Silent, 1, 0, true, true), Step::Wait) << "it may be starting";
  EXPECT_EQ(step(OperatorState::Stopped, 0, 1, false), Step::NoOperator);
  EXPECT_EQ(step(OperatorState::Unknown, 1, 0), Step::Wait);
}

}  // namespace
}  // namespace errand::cli
