// Keeps the results of Jobs that were deleted, because a Job with ttlSecondsAfterFinished: 0 may be gone
// before its grant is planned.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>

#include "core/api/objects.hpp"
#include "core/base/guarded.hpp"
#include "core/kube/watch/store.hpp"

namespace errand::state {

// Safe to use from several threads.
class FinishedJobs {
 public:
  // At most this many are kept; the oldest are forgotten first. A grant is planned within a second of its
  // Job's deletion, and no cluster deletes so many Jobs in a second.
  static constexpr size_t kMost = 1000;

  // Keeps each Job that leaves the store complete or failed. Call it before the first reflector starts.
  void follow(kube::Store<api::Job>& jobs);

  // Returns the last state of a deleted Job; null if it is not known.
  std::shared_ptr<const api::Job> find(const std::string& uid);

 private:
  struct Kept {
    std::map<std::string, std::shared_ptr<const api::Job>, std::less<>> byUid;
    std::deque<std::string> order;
  };
  Guarded<Kept> kept_;
};

}  // namespace errand::state
