// Builds the objects that a grant owns.
#pragma once

#include <string>

#include "operator/plan/plan.hpp"

namespace errand::plan {

// Returns the name, labels and owner reference of an object of the grant. Every other field is empty.
api::ObjectMeta ownedMeta(const api::TaskGrant& grant, std::string name);

// Adds what is missing or outdated, so an Active grant calls these repeatedly.
// addBindings creates the bindings of the spec's roles, and deletes those of other roles.
void addBindings(Plan& p, const Observed& o);
// Adds copies of leased Secrets (delivery Projected) that do not exist or differ from their source.
void addLeases(Plan& p, const Observed& o);
// Requires that the tool class exists and has a slot. `life` is the lifetime of the tokens.
FillSlot fillSlot(const Observed& o, Seconds life, Time end);

}  // namespace errand::plan
