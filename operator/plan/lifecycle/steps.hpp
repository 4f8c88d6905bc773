// The three stretches of a grant's life that plan() chooses from. Each fills a
// Plan whose status already holds what is true in all of them.
#pragma once

#include "operator/plan/checks/derived.hpp"
#include "operator/plan/checks/ending.hpp"
#include "operator/plan/plan.hpp"

namespace errand::plan {

// Not started: waits, or starts where nothing stands in the way.
void planWaiting(Plan& p, const Observed& o, const Settings& settings, Time now);

// Started and inside the window: what should exist exists.
void planActive(Plan& p, const Observed& o, const Start& start, const Settings& settings, Time now);

// Terminal: revokes, proves, and in the end forgets.
void planEnded(Plan& p, const Observed& o, const Settings& settings, Time now);

// Name, labels and owner of an object of the grant; nothing else of it is copied.
api::ObjectMeta ownedMeta(const api::TaskGrant& grant, std::string name);

// Pieces of a start that an Active grant repeats where they are missing or due.
void addBindings(Plan& p, const Observed& o);
// Copies of leased Secrets (delivery Projected) that are missing or no longer what their source is.
void addLeases(Plan& p, const Observed& o);
FillSlot fillSlot(const Observed& o, Seconds life, Time end);

void requeueAt(Plan& p, Time at, Time now);

}  // namespace errand::plan
