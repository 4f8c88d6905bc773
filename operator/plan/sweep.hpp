// Finds objects that no live grant owns, by name and label. Owner references do not suffice: a deletion with
// propagation Orphan removes them.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/api/objects.hpp"
#include "core/api/resource.hpp"

namespace errand::plan {

// An object to delete.
struct Leftover {
  api::Resource resource;
  std::string name, uid;
  std::string grant;  // from its label; may be empty
};

// The objects of one namespace, and the grants and identities in it.
struct SweepInput {
  std::vector<std::shared_ptr<const api::RoleBinding>> bindings;
  std::vector<std::shared_ptr<const api::PartialObject>> secrets;
  std::vector<std::shared_ptr<const api::ServiceAccount>> accounts;
  std::set<std::string, std::less<>> liveUids = {};     // of the grants that exist in the namespace
  std::set<std::string, std::less<>> runningUids = {};  // of the grants that have started and not ended
  std::set<std::string, std::less<>> identities = {};   // names of the identities that exist in the namespace
};

// Returns leftovers in the order of revocation: RoleBindings, Secrets, ServiceAccounts. An object belongs to
// a grant if both name and labels match. If labels were removed, these objects still belong to a grant:
// - a binding, of any name, whose only subject is the account of a grant that is not running
// - a Secret errand-… that lists the credentials it holds
// - an account whose name has the exact form of a grant's account
//
// A RoleBinding or copied Secret is also a leftover if its grant has not stored its start, or has ended: the
// grant's own plan may not know of it. A base account is a leftover if its labels name an identity that does
// not exist, and it has no owner.
std::vector<Leftover> leftovers(const SweepInput& input);

}  // namespace errand::plan
