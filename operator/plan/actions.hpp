// The actions of a plan: values that the applier executes. Every action may be repeated after a crash.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/api/objects.hpp"
#include "core/api/resource.hpp"
#include "core/api/taskgrant.hpp"

namespace errand::plan {

// Adds the operator's finalizer to the grant.
struct AddFinalizer {};
// Removes the operator's finalizer from the grant.
struct RemoveFinalizer {};
struct DeleteGrant {};  // ttlSecondsAfterFinished is over

// Only creates: an existing object of that name is always a conflict. The uid of the created account goes
// into Plan::status (serviceAccount.uid).
struct CreateAccount {
  api::ServiceAccount account;
};
// Only creates: an existing object of that name that is not the grant's is a conflict.
struct CreateBinding {
  api::RoleBinding binding;
  std::string path;  // the field that requires the binding
};

// Fails with Invalid if the type of the source is never leased.
struct CheckLease {
  std::string source;
};

// Copies a leased Secret completely into a Secret of the grant, and overwrites an older copy.
struct CopyLease {
  std::string source;
  api::ObjectMeta meta;       // name, labels and owner of the copy
  std::string leasedVersion;  // the value of kLeasedAnnotation
};

// Creates the slot's Secret if it does not exist, requests tokens bound to it, and writes them into it.
struct FillSlot {
  std::string secretName, account;
  api::ObjectMeta meta;  // labels and owner of the Secret
  bool apiToken = false;
  std::vector<api::Audience> audiences;
  std::vector<std::string> leases;  // the source Secrets
  std::string leasedVersions;       // the value of kLeasedAnnotation
  Seconds life{0};                  // the longest lifetime of the tokens
  Time end{};                       // end of the window: no token is requested or written later
};

// Removes the scheduling gate of a pod, and lowers the pod's deadline.
struct LiftGate {
  std::string pod, uid;
  size_t index = 0;  // index of the gate in spec.schedulingGates
  // The seconds left of the window; set if the pod has no deadline, or a later one.
  std::optional<std::int64_t> deadline;
};

// Ends a pod, or a Job and the pods that it would still create, by setting activeDeadlineSeconds to 1.
// Revoking rights does not close an open connection. Its failure does not affect any other action.
struct EndRun {
  api::Resource resource;
  std::string name, uid;
};

// Deletes the object of that uid. Succeeds if it does not exist.
struct Delete {
  api::Resource resource;
  std::string name, uid;
  bool keepToken = false;  // for the slot's Secret: keeps its token for the proof
  // The namespace is being deleted, and rights in it may be deleted before the object.
  bool bestEffort = false;
  // For an account: fails with Conflict if the status on the API server names it, because the observed status
  // may be outdated.
  bool unlessNamed = false;
};

// Requests a token of the grant's account, to prove later that it is rejected.
struct MintProbe {
  std::string account;
};
// Reviews the token that is kept for the proof.
struct ReviewToken {};

using Preparation = std::variant<AddFinalizer, CheckLease>;
using AccountRevocation = std::variant<MintProbe, Delete>;
using Giving = std::variant<CreateAccount, CreateBinding, CopyLease, FillSlot, LiftGate>;
using Bookkeeping = std::variant<ReviewToken, RemoveFinalizer, DeleteGrant>;

using Action =
    std::variant<AddFinalizer, RemoveFinalizer, DeleteGrant, CreateAccount, CreateBinding, CheckLease,
                 CopyLease, FillSlot, LiftGate, EndRun, Delete, MintProbe, ReviewToken>;

}  // namespace errand::plan
