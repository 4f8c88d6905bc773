// For tests about something else: every grant was asked for by alice, who may; the operator may bind every
// role.
#pragma once

#include "operator/control/observer.hpp"
#include "operator/plan/observed.hpp"

namespace errand::plan {

inline Provenance askedByAlice(const api::TaskGrant&) {
  return {true, api::Requester{"alice", "", {}, {}}, true};
}

inline control::Observer::Asks nothingRefused() {
  return {.request = askedByAlice,
          .mayBind = [](const std::string&, const api::RoleRef&) { return true; },
          .guards = [] { return GuardFacts(); }};
}

}  // namespace errand::plan
