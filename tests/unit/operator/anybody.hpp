// For tests about something else: every grant was asked for by alice, who may; the operator may bind every
// role.
#pragma once

#include "operator/plan/observed.hpp"
#include "operator/state/observer.hpp"

namespace errand::plan {

inline Provenance askedByAlice(const api::TaskGrant&) {
  return {true, api::Requester{"alice", "", {}, {}}, true};
}

inline state::Observer::AccessChecks nothingRefused() {
  return {.request = askedByAlice,
          .mayBind = [](const std::string&, const api::RoleRef&) { return true; },
          .guards = [] { return GuardFacts(); }};
}

}  // namespace errand::plan
