#include "cli/findings/escape.hpp"

#include <gtest/gtest.h>

namespace errand::cli {
namespace {

TEST(Shown, LeavesTextAsItIs) {
  for (const char* text : {"", "dir/a b.yaml", "caf\xc3\xa9 \xf0\x9f\x9a\x80", "a::b", "#", "C:\\x"})
    EXPECT_EQ(shown(text), text);
}

TEST(Shown, EscapesControlsDirectionsAndOtherBytes) {
  EXPECT_EQ(shown("a\x1b[2J\n\t\x7f"), "a\\x1b[2J\\x0a\\x09\\x7f");
  EXPECT_EQ(shown("a\xc2\x9b"
                  "2J"),
            "a\\xc2\\x9b2J")
      << "a control of C1";
  EXPECT_EQ(shown("a\xe2\x80\xae"
                  "b\xe2\x80\xa8"),
            "a\\xe2\\x80\\xaeb\\xe2\\x80\\xa8");
  EXPECT_EQ(shown("\xff\xed\xa0\x80"), "\\xff\\xed\\xa0\\x80") << "no UTF-8";
}

TEST(Shown, EscapesCommandsToARunner) {
  EXPECT_EQ(shown("::error::x"), "\\x3a:error::x");
  EXPECT_EQ(shown("  ::error::x"), "  \\x3a:error::x");
  EXPECT_EQ(shown("a ##[error]x ##vso[x]"), "a \\x23#[error]x \\x23#vso[x]");
}

}  // namespace
}  // namespace errand::cli
