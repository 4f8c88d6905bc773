// For tests about something else: every grant was asked for by alice, who may.
#pragma once

#include "operator/plan/observed.hpp"

namespace errand::plan {

inline Request askedByAlice(const api::TaskGrant& grant) {
  return {true,
          api::Sealed{{"alice", "", {}, {}}, grant.meta.uid, grant.meta.creationTimestamp.value_or(Time{})},
          grant.meta.uid, true};
}

}  // namespace errand::plan
