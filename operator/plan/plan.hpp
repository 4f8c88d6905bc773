// The decision: from what is to what to do. Pure: no I/O, clock, log or thread,
// so that every case is a unit test and a crash at any point is mended by the next plan.
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

// Creates only: an object of that name is a conflict, whoever made it. The uid of what was made goes into
// Plan::status (serviceAccount.uid).
struct CreateAccount {
  api::ServiceAccount account;
};
// Creates only: an object of that name which is not the grant's is a conflict.
struct CreateBinding {
  api::RoleBinding binding;
  std::string path;  // the field that asked for it
};

// Fails as Invalid where the source is of a type that is never leased.
struct CheckLease {
  std::string source;
};

// Copies a leased Secret, whole, into one of the grant's own, or writes it there again.
struct CopyLease {
  std::string source;
  api::ObjectMeta meta;       // name, labels and owner of the copy
  std::string leasedVersion;  // goes into kLeasedAnnotation
};

// Makes the slot's Secret where there is none, mints tokens bound to it, and writes them there.
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
  // The seconds that are left of the window, where the pod's own deadline is later or it has none.
  std::optional<std::int64_t> deadline;
};

// Ends a pod, or a Job and whatever pods it would still make: its activeDeadlineSeconds become one. Taking
// rights away does not close a connection that is open. Where it fails the rest of the plan holds all the
// same.
struct EndRun {
  api::Resource resource;
  std::string name, uid;
};

struct Delete {
  api::Resource resource;
  std::string name, uid;
  bool keepToken = false;   // the slot's Secret: remember its token for the proof
  bool bestEffort = false;  // the namespace is going away, and rights in it may be gone before the object
  // An account: Conflict where the status that the API server has names it after all. What was seen may be
  // old.
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
  std::string reason, action, note;
};

struct Plan {
  std::optional<api::TaskGrantStatus> statusFirst;  // to be stored before the actions
  std::vector<Action> actions;                      // in this order; the first failure ends the run
  api::TaskGrantStatus status;                      // holds once all actions have succeeded
  std::vector<Event> events;
  std::optional<Millis> requeueAfter;  // when something must happen without an event
};

// Guarantees: nothing is minted and no gate lifted outside of the window, in a
// namespace that is not enforced, beyond the identity's ceiling, or for a grant
// that has ended; a terminal phase stays; what a status claims can only shorten
// a grant's life, never lengthen it.
Plan plan(const Observed& observed, const Settings& settings, Time now);

// Whether the plan stores the start of its grant: the point of no return, before anything is given.
bool starts(const Plan& plan, const api::TaskGrant& seen);

// The status to store where an action failed: the same facts, and a reason that names the field.
api::TaskGrantStatus afterFailure(const Observed& observed, const Action& action, const Error& error,
                                  Time now);
// The same of a pod or Job alone, which holds nothing else off: into a status that holds otherwise.
void reportUntold(api::TaskGrantStatus& status, const Observed& observed, const EndRun& run,
                  const Error& error, Time now);

// Which versions of the leased Secrets the slot or a copy holds; a difference means that a source has
// changed.
inline constexpr std::string_view kLeasedAnnotation = "errand.dev/leased";
std::string leasedVersion(const api::PartialObject& source);
std::string leasedVersions(const Observed& observed);

// The names of what a grant owns.
std::string bindingName(std::string_view grantUid, const api::RoleRef& role);
std::vector<std::pair<api::RoleRef, std::string>> wantedRoles(
    const api::TaskGrantSpec& spec);  // role and field path

}  // namespace errand::plan
