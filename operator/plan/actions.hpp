// The actions of a plan: values that the applier carries out. Every action may be repeated after a crash.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/api/objects.hpp"
#include "core/api/resource.hpp"
#include "core/api/taskgrant.hpp"

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
// Revoking rights does not close an open connection. A failure of this action holds up nothing
// else.
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

using Preparation = std::variant<AddFinalizer, CheckLease>;
using AccountRevocation = std::variant<MintProbe, Delete>;
using Giving = std::variant<CreateAccount, CreateBinding, CopyLease, FillSlot, LiftGate>;
using Bookkeeping = std::variant<ReviewToken, RemoveFinalizer, DeleteGrant>;

using Action =
    std::variant<AddFinalizer, RemoveFinalizer, DeleteGrant, CreateAccount, CreateBinding, CheckLease,
                 CopyLease, FillSlot, LiftGate, EndRun, Delete, MintProbe, ReviewToken>;

}  // namespace errand::plan
