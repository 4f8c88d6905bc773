// Decides what to do about a grant. The plan depends only on its input: no I/O, clock, log or thread. A unit
// test can therefore cover every case, and the next plan recovers from a crash at any point.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "operator/plan/actions.hpp"
#include "operator/plan/observed.hpp"

namespace errand::plan {

// An Event to record, with fields as in events.k8s.io.
struct Event {
  bool warning = false;
  std::variant<Reason, api::Phase> reason;  // the phase if a grant has ended
  std::string action, note;
  std::shared_ptr<const api::Pod> pod = {};  // the pod that it is about; null for the grant
};

// Lists of actions, by purpose. operator/apply/order.hpp defines their order.
struct Plan {
  // The status to store before the lists are executed; set by the plan that ends the grant.
  std::optional<api::TaskGrantStatus> statusFirst;

  std::vector<Preparation> prepare;               // no right is granted before these succeed
  std::vector<Delete> revokeRights;               // RoleBindings; those of descendants come first
  std::vector<Delete> revokeSecrets;              // the slot's Secret, and copies of leased Secrets
  std::vector<AccountRevocation> revokeAccounts;  // accounts; MintProbe precedes the deletion of its account
  std::vector<Giving> grant;
  std::vector<Bookkeeping> bookkeeping;  // proves an end, and releases the grant
  std::vector<EndRun> endRuns;

  api::TaskGrantStatus status;  // to store once all lists are executed, unless statusFirst is set
  std::optional<Reason> ready;  // reason of condition Ready, if this plan decides it
  std::vector<Event> events;
  std::optional<Millis> requeueAfter;  // the delay until the next plan, if no event comes first

  // Requeues at `at`, unless the plan already requeues earlier.
  void requeueAt(Time at, Time now);
};

// Guarantees:
// - No gate is removed and no token requested outside of the window, in a namespace that is not enforced,
//   beyond the identity's ceiling, or for a grant that has ended. The only exception is the token that proves
//   an end (MintProbe), whose audience is Errand's own.
// - A terminal phase never changes.
// - A status can shorten a grant's life, but never lengthen it.
Plan plan(const Observed& observed, const Settings& settings, Time now);

// True if the plan stores the start of `seen`, the grant that it was made for. No credentials exist before.
bool starts(const Plan& plan, const api::TaskGrant& seen);

}  // namespace errand::plan
