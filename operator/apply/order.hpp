// The order in which the lists of a plan are executed, and which lists a failure skips. No other file repeats
// this order. One exception: while an end cannot be stored, GrantController revokes only rights and Secrets.
#pragma once

#include <utility>
#include <variant>

#include "operator/plan/plan.hpp"

namespace errand::apply {

// Calls `step` with each plan::Action in this order. `step` returns false for a failure.
// - prepare: stops at the first failure.
// - revokeRights, revokeSecrets, revokeAccounts: every item runs, even after a failure. If one deletion is
//   rejected, the others still help: without its account a token is invalid, even if a binding stays.
// - grant, bookkeeping: runs only if nothing has failed, and stops at the first failure.
// - endRuns: every item runs, even after a failure. They are last, because nothing may wait for them.
//
// Calls `rightsTried(ok)` after the last item of revokeRights, if that list is not empty. `ok` is false if
// any earlier step failed.
template <class Step, class RightsTried = void (*)(bool)>
void inOrder(const plan::Plan& plan, Step step, RightsTried rightsTried = [](bool) {}) {
  bool ok = true;
  const auto take = [&](const auto& one) {
    bool done = false;
    if constexpr (requires { one.index(); })
      done = std::visit([&](const auto& action) { return step(plan::Action(action)); }, one);
    else
      done = step(plan::Action(one));
    ok = done && ok;
  };
  const auto whileOk = [&](const auto& list) {
    for (auto it = list.begin(); ok && it != list.end(); ++it) take(*it);
  };
  const auto all = [&](const auto& list) {
    for (const auto& one : list) take(one);
  };
  whileOk(plan.prepare);
  all(plan.revokeRights);
  if (!plan.revokeRights.empty()) rightsTried(ok);
  all(plan.revokeSecrets);
  all(plan.revokeAccounts);
  whileOk(plan.grant);
  whileOk(plan.bookkeeping);
  all(plan.endRuns);
}

}  // namespace errand::apply
