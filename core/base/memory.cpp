#include "core/base/memory.hpp"

#include <malloc.h>

namespace errand {

void tuneMemory() {
  mallopt(M_ARENA_MAX, 2);
  // Setting these ends their growth by themselves.
  mallopt(M_MMAP_THRESHOLD, 256 * 1024);
  mallopt(M_TRIM_THRESHOLD, 1024 * 1024);
}

void releaseMemory() { malloc_trim(0); }

}  // namespace errand
