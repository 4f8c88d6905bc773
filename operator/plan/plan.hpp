// Decides what to do about a grant. Pure: no I/O, clock, log or thread. So a unit test can cover every case,
// and the next plan recovers from a crash at any point.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "operator/plan/actions.hpp"
#include "operator/plan/observed.hpp"

namespace errand::plan {

// An Event to record about the grant.
struct Event {
  bool warning = false;
  std::variant<Reason, api::Phase> reason;  // the phase if a grant has ended
  std::string action, note;
};

// Lists of actions, by purpose. operator/apply/order.hpp defines their order.
struct Plan {
  std::optional<api::TaskGrantStatus> statusFirst;  // is stored before the lists are executed

  std::vector<Preparation> prepare;               // no right is granted before these succeed
  std::vector<Delete> revokeRights;               // RoleBindings; those of descendants come first
  std::vector<Delete> revokeSecrets;              // the slot's Secret, and copies of leased Secrets
  std::vector<AccountRevocation> revokeAccounts;  // the probe is the account's last token, for the proof
  std::vector<Giving> grant;
  std::vector<Bookkeeping> bookkeeping;  // proves an end, and releases the grant
  std::vector<EndRun> endRuns;

  api::TaskGrantStatus status;  // is valid once all lists are executed
  std::optional<Reason> ready;  // reason of condition Ready, if this plan decides it
  std::vector<Event> events;
  std::optional<Millis> requeueAfter;  // when to plan again without an event

  // Requeues at `at`, unless the plan already requeues earlier.
  void requeueAt(Time at, Time now);
};

// Guarantees:
// - No token is requested and no gate removed outside of the window, in a namespace that is not enforced,
//   beyond the identity's ceiling, or for a grant that has ended.
// - A terminal phase never changes.
// - A status can shorten a grant's life, but never lengthen it.
Plan plan(const Observed& observed, const Settings& settings, Time now);

// True if the plan stores the start of its grant, which precedes any credentials.
bool starts(const Plan& plan, const api::TaskGrant& seen);

}  // namespace errand::plan
