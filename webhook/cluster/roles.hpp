// Reads the rules of roles on its own threads, while the reviews wait for them.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <vector>

#include "core/base/guarded.hpp"
#include "core/base/time.hpp"
#include "core/kube/client/client.hpp"
#include "rules/cluster/clusterstate.hpp"
#include "webhook/cluster/beside.hpp"

namespace errand::webhook {

// Answers questions about the rules of roles from a cache, and fills the cache on request. Safe to use
// from several threads.
class RoleReads {
 public:
  // Both arguments must outlive this object.
  RoleReads(const kube::Client& client, const Clock& clock);

  // Returns null if the role is not in the cache. An entry is valid for four seconds, as long as a review may
  // wait. A role that does not exist has no dangers and no access. Does not block.
  std::shared_ptr<const rules::RoleFacts> known(const rules::RoleKey& role);

  // Queues the roles. A role that cannot be read, or that the full queue drops (Line), stays unknown.
  // Does not block.
  void want(const std::vector<rules::RoleKey>& roles, const Behalf& behalf = {}) {
    beside_.want(behalf, roles);
  }

 private:
  struct Answer {
    std::shared_ptr<const rules::RoleFacts> facts;
    std::chrono::steady_clock::time_point at;
  };
  std::shared_ptr<const rules::RoleFacts> read(const rules::RoleKey& role) const;
  void keep(const rules::RoleKey& role, std::shared_ptr<const rules::RoleFacts> facts);
  bool isOld(const Answer& answer) const;

  const kube::Client& client_;
  const Clock& clock_;
  Guarded<std::map<rules::RoleKey, Answer>> known_;
  Beside<rules::RoleKey> beside_;  // last: its threads end before the other members are destroyed
};

}  // namespace errand::webhook
