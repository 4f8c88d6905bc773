// Builds the objects that a grant owns.
#pragma once

#include <string>

#include "operator/plan/plan.hpp"

namespace errand::plan {

// Returns the name, labels and owner reference of an object of the grant. Every other field is empty.
api::ObjectMeta ownedMeta(const api::TaskGrant& grant, std::string name);

// Each plan of an Active grant calls the next two: they add actions only for what is missing or outdated.
//
// Creates the bindings of the spec's roles, deletes those of other roles, and replaces changed ones. Bindings
// that mayRevoke() does not cover are left alone.
void addBindings(Plan& p, const Observed& o);
// Creates the copies of leased Secrets (delivery Projected) that do not exist or differ from their source.
void addLeases(Plan& p, const Observed& o);
// Returns the action that fills the slot. Requires that the tool class exists and has a slot. `life` is the
// longest lifetime of the tokens, `end` the end of the window.
FillSlot fillSlot(const Observed& o, Seconds life, Time end);

}  // namespace errand::plan
