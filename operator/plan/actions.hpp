// The actions of a plan: values that the applier executes. Every action may be repeated after a crash. Each
// comment names the errors besides those of the API server.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/api/objects.hpp"
#include "core/api/resource.hpp"
#include "core/api/taskgrant.hpp"

namespace errand::plan {

// Add and remove the operator's finalizer. Both fail with Conflict if the grant has changed since it was
// read. RemoveFinalizer succeeds if the grant does not exist.
struct AddFinalizer {};
struct RemoveFinalizer {};

// Deletes a grant whose record was kept long enough. Succeeds if it does not exist.
struct DeleteGrant {};

// Fails with AlreadyExists if any account of that name exists. The uid of the created account goes into
// Plan::status (serviceAccount.uid).
struct CreateAccount {
  api::ServiceAccount account;
};
// Succeeds if the grant's binding of that name exists; the next plan compares its role and subject. Fails
// with AlreadyExists if the binding is not the grant's.
struct CreateBinding {
  api::RoleBinding binding;
  std::string path;  // the field that requires the binding
};

// Reads the source of a lease, and writes nothing. Fails with NotFound if it does not exist, and with Invalid
// if its type is never leased.
struct CheckLease {
  std::string source;
};

// Copies a leased Secret completely into a Secret of the grant, and overwrites an older copy. Fails as
// apply::copyLease().
struct CopyLease {
  std::string source;
  api::ObjectMeta meta;       // name, labels and owner of the copy
  std::string leasedVersion;  // the value of kLeasedAnnotation
};

// Creates the slot's Secret if it does not exist, requests tokens bound to it, and writes them into it. Fails
// as apply::SlotFiller::fill().
struct FillSlot {
  std::string secretName, account;
  api::ObjectMeta meta;   // labels and owner of the Secret
  bool apiToken = false;  // also requests a token for the API server
  std::vector<api::Audience> audiences;
  std::vector<std::string> leases;  // the source Secrets
  std::string leasedVersions;       // the value of kLeasedAnnotation
  Seconds life{0};                  // the longest lifetime of the tokens
  Time end{};                       // end of the window: no token is requested or written later
};

// Removes the scheduling gate of a pod, and sets its activeDeadlineSeconds to `deadline`. Succeeds if the pod
// does not exist or its gates have changed: its next event triggers another plan.
struct LiftGate {
  std::string pod, uid;
  size_t index = 0;  // index of the gate in spec.schedulingGates
  // The seconds left of the window; set if the pod has no deadline, or a later one.
  std::optional<std::int64_t> deadline;
};

// Sets activeDeadlineSeconds of a pod or Job to 1. This ends the pod, or the Job and its pods, and so closes
// their connections; revoked rights alone do not close them. Succeeds if the object does not exist. A failure
// affects no other action.
struct EndRun {
  api::Resource resource;
  std::string name, uid;
};

// Deletes the object of that uid. Succeeds if it does not exist, or another object has its name.
struct Delete {
  api::Resource resource;
  std::string name, uid;
  bool keepToken = false;  // for the slot's Secret: keeps its token for the proof
  // Succeeds even if the deletion is forbidden. For a namespace that is being deleted: the operator may lose
  // its rights there first.
  bool bestEffort = false;
  // For an account: reads the grant from the API server, because the observed status may be outdated. Fails
  // with Conflict if the status names this account, or the grant was replaced; with NotFound if it is gone.
  bool unlessRecorded = false;
};

// Requests a token of the grant's account, to prove later that it is rejected. Never fails.
struct MintProbe {
  std::string account;
};
// Reviews the token that is kept for the proof. Succeeds if none is kept.
struct ReviewToken {};

using Preparation = std::variant<AddFinalizer, CheckLease>;
using AccountRevocation = std::variant<MintProbe, Delete>;
using Giving = std::variant<CreateAccount, CreateBinding, CopyLease, FillSlot, LiftGate>;
using Bookkeeping = std::variant<ReviewToken, RemoveFinalizer, DeleteGrant>;

using Action =
    std::variant<AddFinalizer, RemoveFinalizer, DeleteGrant, CreateAccount, CreateBinding, CheckLease,
                 CopyLease, FillSlot, LiftGate, EndRun, Delete, MintProbe, ReviewToken>;

}  // namespace errand::plan
