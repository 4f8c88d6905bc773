// How this process deals with the memory that it has freed.
#pragma once

namespace errand {

// To be called first in main. glibc would keep an arena a core and thread, and
// would keep freed pages below the largest block it ever saw: a page of a list
// would then stay for ever. https://man7.org/linux/man-pages/man3/mallopt.3.html
void tuneMemory();

// Gives freed pages back to the system. Some milliseconds: after work that is
// rare and large, such as a whole list.
void releaseMemory();

}  // namespace errand
