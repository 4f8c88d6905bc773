// Finds objects that no existing grant or identity owns, by name and label. Owner references do not suffice:
// a deletion with propagation Orphan removes them.
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

// Returns leftovers in the order of revocation:
// - RoleBindings whose name or only subject is of a grant's account, if that grant is not running
// - Secrets errand-… whose label names a grant that does not exist; without labels, Secrets that list
//   credentials and whose owner does not exist
// - copies of leased Secrets, if their grant is not running
// - grants' accounts, by the form of the name or by labels, if the grant does not exist
// - base accounts without an owner whose label names an identity that does not exist
//
// A grant is running once its start is stored, until it has ended. The input may be outdated, so check with
// the API server that the grant does not exist before a deletion.
std::vector<Leftover> leftovers(const SweepInput& input);

}  // namespace errand::plan
