// Reads grants that the caches lack, while the reviews that name them wait.
#pragma once

#include "core/kube/client/client.hpp"
#include "webhook/cluster/beside.hpp"
#include "webhook/cluster/caches.hpp"

namespace errand::webhook {

// Reads an object that the caches lack from the API server into them, on a thread of its own. The reviews
// that need the object wait meanwhile.
class GrantReads {
 public:
  GrantReads(const kube::Client& client, Caches& caches);

  // Queues a read of the grant, and of its identity if the caches lack it. Without a name, all grants of the
  // namespace are read. A read that does not fit (Line) is dropped.
  void want(const rules::NeedsGrant& missing, const Behalf& behalf = {}) { beside_.want(behalf, {missing}); }

 private:
  void read(const rules::NeedsGrant& missing) const;

  const kube::Client& client_;
  Caches& caches_;
  Beside<rules::NeedsGrant> beside_;  // last: its thread ends before the rest goes
};

}  // namespace errand::webhook
