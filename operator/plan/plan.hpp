// Decides what to do about a grant. Pure: no I/O, clock, log or thread. So every case can be a unit test, and
// the next plan recovers from a crash at any point.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/api/resource.hpp"
#include "operator/plan/observed.hpp"

namespace errand::plan {

struct AddFinalizer {};
struct RemoveFinalizer {};
struct DeleteGrant {};  // ttlSecondsAfterFinished is over

// Creates only: an existing object of that name is always a conflict. The uid of the created account goes
// into Plan::status (serviceAccount.uid).
struct CreateAccount {
  api::ServiceAccount account;
};
// Creates only: an object of that name which is not the grant's is a conflict.
struct CreateBinding {
  api::RoleBinding binding;
  std::string path;  // the field that asked for it
};

// Fails with Invalid if the source is of a type that is never leased.
struct CheckLease {
  std::string source;
};

// Copies a whole leased Secret into a Secret of the grant, or writes that copy again.
struct CopyLease {
  std::string source;
  api::ObjectMeta meta;       // name, labels and owner of the copy
  std::string leasedVersion;  // goes into kLeasedAnnotation
};

// Creates the slot's Secret if there is none, mints tokens bound to it, and writes them there.
struct FillSlot {
  std::string secretName, account;
  api::ObjectMeta meta;  // labels and owner of the Secret
  bool apiToken = false;
  std::vector<api::Audience> audiences;
  std::vector<std::string> leases;  // source Secrets
  std::string leasedVersions;       // goes into kLeasedAnnotation
  Seconds life{0};                  // of the tokens, at most
  Time end{};                       // of the window: nothing is minted or written from then on
};

struct LiftGate {
  std::string pod, uid;
  size_t index = 0;  // of the gate in spec.schedulingGates
  // Seconds left of the window; set if the pod has no deadline or a later one.
  std::optional<std::int64_t> deadline;
};

// Ends a pod, or a Job and the pods that it would still create, by setting activeDeadlineSeconds to 1.
// Revoking rights does not close an open connection. If this action fails, the rest of the plan still
// applies.
struct EndRun {
  api::Resource resource;
  std::string name, uid;
};

struct Delete {
  api::Resource resource;
  std::string name, uid;
  bool keepToken = false;   // the slot's Secret: remember its token for the proof
  bool bestEffort = false;  // the namespace is going away, and rights in it may be gone before the object
  // For an account: fails with Conflict if the status on the API server names it. The observed status may be
  // stale.
  bool unlessNamed = false;
};

struct MintProbe {
  std::string account;
};
struct ReviewToken {};

using Action =
    std::variant<AddFinalizer, RemoveFinalizer, DeleteGrant, CreateAccount, CreateBinding, CheckLease,
                 CopyLease, FillSlot, LiftGate, EndRun, Delete, MintProbe, ReviewToken>;

struct Event {
  bool warning = false;
  std::variant<Reason, api::Phase> reason;  // the phase if a grant has ended
  std::string action, note;
};

struct Plan {
  std::optional<api::TaskGrantStatus> statusFirst;  // to be stored before the actions
  std::vector<Action> actions;                      // in this order; the first failure ends the run
  api::TaskGrantStatus status;                      // holds once all actions have succeeded
  std::optional<Reason> ready;                      // of condition Ready, if this plan decides it
  std::vector<Event> events;
  std::optional<Millis> requeueAfter;  // when something must happen without an event
};

// Guarantees: nothing is minted and no gate lifted outside of the window, in a
// namespace that is not enforced, beyond the identity's ceiling, or for a grant
// that has ended; a terminal phase stays; what a status claims can only shorten
// a grant's life, never lengthen it.
Plan plan(const Observed& observed, const Settings& settings, Time now);

// True if the plan stores the start of its grant: the point of no return, before any credentials are issued.
bool starts(const Plan& plan, const api::TaskGrant& seen);

// Returns the status to store after an action failed: the same facts, and a reason that names the field.
api::TaskGrantStatus afterFailure(const Observed& observed, const Action& action, const Error& error,
                                  Time now);
// Reports a failed EndRun in a status that is otherwise valid, because such a failure blocks no other action.
void reportUntold(api::TaskGrantStatus& status, const Observed& observed, const EndRun& run,
                  const Error& error, Time now);

// The versions of the leased Secrets that the slot or a copy holds. A difference means that a source has
// changed.
inline constexpr std::string_view kLeasedAnnotation = "errand.dev/leased";
std::string leasedVersion(const api::PartialObject& source);
std::string leasedVersions(const Observed& observed);

// The names of what a grant owns.
std::string bindingName(std::string_view grantUid, const api::RoleRef& role);
std::vector<std::pair<api::RoleRef, std::string>> wantedRoles(
    const api::TaskGrantSpec& spec);  // role and field path

}  // namespace errand::plan
