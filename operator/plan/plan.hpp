// Decides what to do about a grant. Pure: no I/O, clock, log or thread. So every case can be a unit test, and
// the next plan recovers from a crash at any point.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "operator/plan/actions.hpp"
#include "operator/plan/observed.hpp"

namespace errand::plan {

struct Event {
  bool warning = false;
  std::variant<Reason, api::Phase> reason;  // the phase if a grant has ended
  std::string action, note;
};

// Lists of actions, by what they are for. operator/apply/order.hpp says in which order they are carried out.
struct Plan {
  std::optional<api::TaskGrantStatus> statusFirst;  // to be stored before the lists

  std::vector<Preparation> prepare;               // nothing is granted before it has succeeded
  std::vector<Delete> revokeRights;               // RoleBindings; those of grants below come first
  std::vector<Delete> revokeSecrets;              // the slot's Secret, and copies of leased Secrets
  std::vector<AccountRevocation> revokeAccounts;  // the probe is the account's last token, for the proof
  std::vector<Giving> grant;
  std::vector<Bookkeeping> bookkeeping;  // proves an end, and releases the grant
  std::vector<EndRun> endRuns;

  api::TaskGrantStatus status;  // holds once all lists are carried out
  std::optional<Reason> ready;  // of condition Ready, if this plan decides it
  std::vector<Event> events;
  std::optional<Millis> requeueAfter;  // when something must happen without an event

  // Requeues at `at`, or sooner if the plan does already.
  void requeueAt(Time at, Time now);
};

// Guarantees: nothing is minted and no gate lifted outside of the window, in a
// namespace that is not enforced, beyond the identity's ceiling, or for a grant
// that has ended; a terminal phase stays; what a status claims can only shorten
// a grant's life, never lengthen it.
Plan plan(const Observed& observed, const Settings& settings, Time now);

// True if the plan stores the start of its grant: the point of no return, before any credentials are issued.
bool starts(const Plan& plan, const api::TaskGrant& seen);

}  // namespace errand::plan
