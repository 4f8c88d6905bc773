// Who may see this process's memory.
#include "core/base/memory.hpp"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>

namespace errand {
namespace {

void becomePrivateAndExit() {
  const bool done = keepMemoryPrivate().has_value();
  rlimit limit;
  const bool none = getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == 0 && limit.rlim_max == 0;
  std::exit(done && none && prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : 1);
}

// In a process of its own: what it sets holds for good, and hides the tests from a debugger.
TEST(MemoryDeathTest, IsNeitherDumpedNorRead) {
  EXPECT_EXIT(becomePrivateAndExit(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace errand
