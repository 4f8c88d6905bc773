// The order in which the lists of a plan are carried out, and what a failure holds up. It is written here
// only.
#pragma once

#include <utility>
#include <variant>

#include "operator/plan/plan.hpp"

namespace errand::apply {

// Calls `step` with each plan::Action in this order; it returns false for a failure.
// - prepare: up to the first failure.
// - revokeRights, revokeSecrets, revokeAccounts: all are tried, whatever has failed. Without the account a
// token
//   is invalid, and without the token a binding is useless, so one rejected deletion must not prevent the
//   others.
// - grant, bookkeeping: only if nothing has failed, up to the first failure.
// - endRuns: all are tried, last, because nothing may wait for them.
// If there are rights to revoke, `rightsTried` is called after the last of them; `ok`: nothing has failed so
// far.
template <class Step, class RightsTried>
void inOrder(const plan::Plan& plan, Step step, RightsTried rightsTried) {
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

template <class Step>
void inOrder(const plan::Plan& plan, Step step) {
  inOrder(plan, std::move(step), [](bool) {});
}

}  // namespace errand::apply
