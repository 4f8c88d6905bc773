// The objects that a grant owns, as they should be.
#pragma once

#include <string>

#include "operator/plan/plan.hpp"

namespace errand::plan {

// Name, labels and owner of an object of the grant; nothing else of it is copied.
api::ObjectMeta ownedMeta(const api::TaskGrant& grant, std::string name);

// Pieces of a start that an Active grant repeats where they are missing or due.
void addBindings(Plan& p, const Observed& o);
// Copies of leased Secrets (delivery Projected) that are missing or no longer what their source is.
void addLeases(Plan& p, const Observed& o);
// The tool class must exist and have a slot.
FillSlot fillSlot(const Observed& o, Seconds life, Time end);

}  // namespace errand::plan
