// How this process deals with its memory: what it gives back, and who may see it.
#pragma once

#include "core/base/result.hpp"

namespace errand {

// To be called first in main. Tokens and keys are in this process's memory: no core is written of it, and no
// process without CAP_SYS_PTRACE attaches to it or reads /proc/PID/mem, not even one of the same user.
// https://man7.org/linux/man-pages/man2/pr_set_dumpable.2const.html
Result<void> keepMemoryPrivate();

// To be called first in main. glibc would keep an arena a core and thread, and
// would keep freed pages below the largest block it ever saw: a page of a list
// would then stay for ever. https://man7.org/linux/man-pages/man3/mallopt.3.html
void tuneMemory();

// Gives freed pages back to the system. Some milliseconds: after work that is
// rare and large, such as a whole list.
void releaseMemory();

}  // namespace errand
