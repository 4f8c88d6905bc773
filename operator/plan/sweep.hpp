// What no live grant owns: found by name and label, for the garbage collector
// and a deletion with propagation Orphan take ownerReferences away.
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

// In the order of revocation: RoleBindings, Secrets, ServiceAccounts. A RoleBinding or copied Secret of a
// grant that has no stored start, or has ended, is one too: the grant's own plan may not know of it. An
// object counts as a grant's where name and labels both say so. Where labels were taken off: a binding whose
// one subject is the account of a grant that does not exist, a Secret errand-… that lists the credentials it
// holds, an account of the very form that a grant's uid gives. A base account is left where it says of which
// identity it is, nothing owns it, and there is no such identity.
std::vector<Leftover> leftovers(const SweepInput& input);

}  // namespace errand::plan
