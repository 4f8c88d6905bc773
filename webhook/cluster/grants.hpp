// Reads grants that the caches lack, while the reviews that name them wait.
#pragma once

#include "core/kube/client/client.hpp"
#include "webhook/cluster/beside.hpp"
#include "webhook/cluster/caches.hpp"

namespace errand::webhook {

// Reads objects that the caches lack from the API server into the caches, on its own thread.
class GrantReads {
 public:
  // Both arguments must outlive this object.
  GrantReads(const kube::Client& client, Caches& caches);

  // Queues a read of the grant, and of its identity if the caches lack it. Without a name, reads all
  // grants of the namespace. A failed read is logged and not repeated; a full queue drops reads (Line).
  // Does not block.
  void want(const rules::NeedsGrant& missing, const Behalf& behalf = {}) { beside_.want(behalf, {missing}); }

 private:
  void read(const rules::NeedsGrant& missing) const;

  const kube::Client& client_;
  Caches& caches_;
  Beside<rules::NeedsGrant> beside_;  // last: its thread ends before the other members are destroyed
};

}  // namespace errand::webhook
