// Controls the memory of this process: what it returns to the system, and which processes may read it.
#pragma once

#include "core/base/result.hpp"

namespace errand {

// Protects the tokens and keys in this process's memory: no core is written, and no process without
// CAP_SYS_PTRACE attaches to it or reads /proc/PID/mem, not even one of the same user. Call it before a
// credential is read. Fails with Internal if the kernel refuses it.
// https://man7.org/linux/man-pages/man2/pr_set_dumpable.2const.html
Result<void> keepMemoryPrivate();

// Configures malloc to return freed pages. By default glibc keeps an arena for each core and thread, and
// keeps freed pages below the largest block that was ever allocated. Call it before the first thread starts.
// https://man7.org/linux/man-pages/man3/mallopt.3.html
void tuneMemory();

// Returns freed pages to the system. Takes some milliseconds, so call it after rare and large work, such as
// reading a whole list.
void releaseMemory();

}  // namespace errand
