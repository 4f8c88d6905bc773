#include "core/base/excerpt.hpp"

#include <gtest/gtest.h>

namespace errand {
namespace {

TEST(Excerpt, ReplacesWhatIsNotPrintableAndCutsTheRest) {
  EXPECT_EQ(excerpt("plain-1"), "plain-1");
  EXPECT_EQ(excerpt("a\nb\"c\x7f\xc3\xa4"), "a?b?c???");
  EXPECT_EQ(excerpt(std::string(64, 'x')), std::string(64, 'x'));
  EXPECT_EQ(excerpt(std::string(65, 'x')), std::string(64, 'x') + "...");
}

}  // namespace
}  // namespace errand
