#include "core/base/memory.hpp"

#include <fmt/format.h>
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstring>

namespace errand {

// Sets both limits. A core_pattern with a program ignores RLIMIT_CORE, but such a program gets no core of a
// process that is not dumpable.
Result<void> keepMemoryPrivate() {
  constexpr rlimit kNone{0, 0};
  if (setrlimit(RLIMIT_CORE, &kNone) != 0)
    return fail(ErrorKind::Internal, fmt::format("setrlimit(RLIMIT_CORE): {}", std::strerror(errno)));
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
    return fail(ErrorKind::Internal, fmt::format("prctl(PR_SET_DUMPABLE): {}", std::strerror(errno)));
  return {};
}

void tuneMemory() {
  mallopt(M_ARENA_MAX, 2);
  // An explicit value stops glibc from raising these thresholds by itself.
  mallopt(M_MMAP_THRESHOLD, 256 * 1024);
  mallopt(M_TRIM_THRESHOLD, 1024 * 1024);
}

void releaseMemory() { malloc_trim(0); }

}  // namespace errand
