// Finds objects that no live grant owns, by name and label. Owner references do not suffice: the garbage
// collector and a deletion with propagation Orphan remove them.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/api/objects.hpp"
#include "core/api/resource.hpp"

namespace errand::plan {

struct Leftover {
  api::Resource resource;
  std::string name, uid;
  std::string grant;  // by its label; may be empty
};

struct SweepInput {
  std::vector<std::shared_ptr<const api::RoleBinding>> bindings;
  std::vector<std::shared_ptr<const api::PartialObject>> secrets;
  std::vector<std::shared_ptr<const api::ServiceAccount>> accounts;
  std::set<std::string, std::less<>> liveUids = {};     // of the grants that exist in the namespace
  std::set<std::string, std::less<>> runningUids = {};  // of those that have started and not ended
  std::set<std::string, std::less<>> identities = {};   // names of those that exist there
};

// Returns leftovers in the order of revocation: RoleBindings, Secrets, ServiceAccounts. A RoleBinding or
// copied Secret of a grant that has not stored its start, or has ended, is a leftover: the grant's own plan
// may not know of it. An object belongs to a grant if name and labels both match. If labels were removed,
// these objects still belong to one:
// - a binding, of any name, whose only subject is the account of a grant that is not running
// - a Secret errand-… that lists the credentials it holds
// - an account whose name has the exact form that a grant's uid gives
// A base account is a leftover if its labels name an identity that does not exist, and it has no owner.
std::vector<Leftover> leftovers(const SweepInput& input);

}  // namespace errand::plan
