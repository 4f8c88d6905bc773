// The objects of Errand that an uninstallation must not leave behind. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/cluster/readall.hpp"
#include "core/api/objects.hpp"
#include "core/api/resource.hpp"
#include "core/api/taskgrant.hpp"

namespace errand::cli {

// The lists that were read. A list is nullopt if it was not read. If that was a failure, `unread` has the
// reason.
struct ClusterObjects {
  std::optional<std::vector<api::TaskGrant>> grants;
  std::optional<std::vector<api::RoleBinding>> bindings;
  std::optional<std::vector<api::PartialObject>> secrets, accounts, namespaces;
  std::vector<Unread> unread;
};

// The purpose of an object that is left. The order is that of removal: rights first.
enum class Holding {
  Right,        // a RoleBinding of a grant's account
  Credentials,  // the Secret of a slot, or the copy of a leased Secret
  Account,      // the ServiceAccount of a grant
  Grant,        // a grant that has not ended, or whose end is not confirmed
  Enforced,     // a namespace with the label or the annotation of an enrolment
  BaseAccount,  // the ServiceAccount of an agent between tasks
  Enrolment,    // a RoleBinding of the operator in an enrolled namespace
};

// An object that is left.
struct Held {
  Holding holding;
  api::Resource resource;
  std::string ns, name, uid;
  std::string state;  // for people
};

// Returns true if the grant cannot hold or get credentials: it has ended or its revocation is requested, the
// operator's finalizer is off, and its account does not exist. `accounts` are the ServiceAccounts of all
// namespaces that were read.
bool isReleased(const api::TaskGrant& grant, const std::vector<api::PartialObject>& accounts);

// Returns what is left, in the order of removal. `operatorNamespace` has RoleBindings of the installation,
// which are no enrolment.
std::vector<Held> heldBy(const ClusterObjects& objects, std::string_view operatorNamespace);

// The grants that a drain waits for.
struct Undrained {
  std::vector<const api::TaskGrant*> unrevoked;  // not ended, and spec.revoke is not set
  size_t ending = 0;                             // the others
  size_t count() const { return unrevoked.size() + ending; }
};

// `grants` must outlive the result. An account without its grant's finalizer is not waited for: it is removed
// with the rest.
Undrained undrained(const std::vector<api::TaskGrant>& grants);

// Returns the objects as a table by namespace. Empty if there are none.
std::string asTable(const std::vector<Held>& held);

}  // namespace errand::cli
