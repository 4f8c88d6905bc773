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

// Creates only: an object of that name which is not the grant's is a conflict.
struct CreateAccount {
  api::ServiceAccount account;
};
struct CreateBinding {
  api::RoleBinding binding;
  std::string path;  // the field that asked for it
};

// Writes down on the account what the grant's names stand for, as it was seen first.
struct PinScope {
  std::string account, accountUid, accountVersion, workloadUid;
  std::string scope;  // goes into kScopeAnnotation
};

// The point of no return of a start: the account's labels say when the window
// began and for which workload, its annotation with which scope. Of two processes that plan it, the one that
// has not seen the other's fails: a start never moves.
struct MarkStarted {
  std::string account, accountUid, accountVersion, workloadUid;
  Time at;
  std::string scope;  // goes into kScopeAnnotation
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
};

struct Delete {
  api::Resource resource;
  std::string name, uid;
  bool keepToken = false;   // the slot's Secret: remember its token for the proof
  bool bestEffort = false;  // the namespace is going away, and rights in it may be gone before the object
};

struct MintProbe {
  std::string account;
};
struct ReviewToken {};

using Action =
    std::variant<AddFinalizer, RemoveFinalizer, DeleteGrant, CreateAccount, CreateBinding, PinScope,
                 MarkStarted, CheckLease, CopyLease, FillSlot, LiftGate, Delete, MintProbe, ReviewToken>;

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

// The status to store where an action failed: the same facts, and a reason that names the field.
api::TaskGrantStatus afterFailure(const Observed& observed, const Action& action, const Error& error,
                                  Time now);

// Which versions of the leased Secrets the slot or a copy holds; a difference means that a source has
// changed.
inline constexpr std::string_view kLeasedAnnotation = "errand.dev/leased";
std::string leasedVersion(const api::Object& source);
std::string leasedVersions(const Observed& observed);

// Of a grant's account: the scope, as JSON of status.effective, and the uid of the parent it was accepted
// under.
inline constexpr std::string_view kScopeAnnotation = "errand.dev/scope";
inline constexpr std::string_view kParentUidLabel = "errand.dev/parent-uid";

// The names of what a grant owns.
std::string bindingName(std::string_view grantUid, const api::RoleRef& role);
std::vector<std::pair<api::RoleRef, std::string>> wantedRoles(
    const api::TaskGrantSpec& spec);  // role and field path

}  // namespace errand::plan
