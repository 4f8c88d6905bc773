// The protection of this process's memory from core dumps and debuggers.
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

// Runs in its own process, because the setting is permanent and hides the tests from a debugger.
TEST(MemoryDeathTest, IsNeitherDumpedNorRead) {
  EXPECT_EXIT(becomePrivateAndExit(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace errand
