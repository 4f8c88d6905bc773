// The next step of a drain. Pure.
#pragma once

#include <cstddef>

#include "cli/uninstall/operatorwatch.hpp"

namespace errand::cli {

enum class Step {
  Revoke,         // set spec.revoke on grants that have not ended
  Wait,           // look again later
  StartOperator,  // grants need it, and its Deployment has no replicas
  StopOperator,   // no grant needs it; a new grant must not start meanwhile
  Finish,         // no grant needs it, and it is stopped: remove the rest
  NoOperator,     // grants need it, and it does not run
  StopByHand,     // no grant needs it, and it runs outside of the cluster
};

struct DrainFacts {
  size_t unrevoked = 0, ending = 0;  // grants, see Undrained
  OperatorState state = OperatorState::Unknown;
  bool hasDeployment = true;
  bool isPatient = false;  // the operator may be starting or handing over, so its silence proves nothing
};

Step nextStep(const DrainFacts& facts);

}  // namespace errand::cli
