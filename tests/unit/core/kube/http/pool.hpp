// cpprestsdk's thread pool, as far as a test needs it.
#pragma once

namespace errand::kube {

// Returns when the pool has done what was waiting, and what that led to: a request that was
// abandoned is then freed. Else the process may end in the middle of it, which looks like a leak.
void drainPool();

}  // namespace errand::kube
