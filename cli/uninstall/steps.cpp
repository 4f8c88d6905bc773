#include "cli/uninstall/steps.hpp"

namespace errand::cli {
namespace {

Step whileGrantsAreLeft(const DrainFacts& facts) {
  switch (facts.state) {
    case OperatorState::Running:
      return facts.unrevoked > 0 ? Step::Revoke : Step::Wait;
    case OperatorState::Stopped:
      return facts.hasDeployment ? Step::StartOperator : Step::NoOperator;
    case OperatorState::Silent:
      return facts.isPatient ? Step::Wait : Step::NoOperator;
    case OperatorState::Stopping:
    case OperatorState::Unknown:
      break;
  }
  return Step::Wait;
}

}  // namespace

Step nextStep(const DrainFacts& facts) {
  if (facts.unrevoked + facts.ending > 0) return whileGrantsAreLeft(facts);
  switch (facts.state) {
    case OperatorState::Running:
      return facts.hasDeployment ? Step::StopOperator : Step::StopByHand;
    case OperatorState::Silent:
      return Step::StopOperator;  // it might come back
    case OperatorState::Stopped:
      return Step::Finish;
    case OperatorState::Stopping:
    case OperatorState::Unknown:
      break;
  }
  return Step::Wait;
}

}  // namespace errand::cli
