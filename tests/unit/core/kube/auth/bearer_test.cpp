// The token's file is read again in time, and outlives a moment without it.
#include "core/kube/auth/bearer.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "tests/unit/core/kube/fakes.hpp"

namespace errand::kube {
namespace {

namespace fs = std::filesystem;

class BearerTest : public testing::Test {
 protected:
  BearerTest() : file_(fs::temp_directory_path() / ("errand-bearer-" + std::to_string(getpid()))) {}
  ~BearerTest() override { fs::remove(file_); }
  void write(const std::string& text) const { std::ofstream(file_, std::ios::trunc) << text; }
  static std::string text(Bearer& bearer) {
    const auto header = bearer.header();
    return header ? std::string(header->reveal()) : "error: " + std::string(toString(header.error().kind));
  }

  fs::path file_;
  FakeClock clock_;
};

TEST_F(BearerTest, ReadsTheFileEachMinute) {
  write("one\n");
  Bearer bearer(file_, {}, clock_);
  EXPECT_EQ(text(bearer), "Bearer one");
  write("two");
  clock_.advance(Seconds{59});
  EXPECT_EQ(text(bearer), "Bearer one");
  clock_.advance(Seconds{1});
  EXPECT_EQ(text(bearer), "Bearer two");
}

TEST_F(BearerTest, ReadsAgainAfterARefusal) {
  write("one");
  Bearer bearer(file_, {}, clock_);
  EXPECT_EQ(text(bearer), "Bearer one");
  write("two");
  bearer.refused();
  EXPECT_EQ(text(bearer), "Bearer two");
}

TEST_F(BearerTest, AFileThatGoesLeavesTheLastToken) {
  Bearer bearer(file_, {}, clock_);
  EXPECT_EQ(text(bearer), "error: Unauthorized");
  write("one");
  EXPECT_EQ(text(bearer), "Bearer one");
  fs::remove(file_);
  clock_.advance(Seconds{60});
  EXPECT_EQ(text(bearer), "Bearer one");
}

TEST_F(BearerTest, FixedTokenOrNone) {
  Bearer fixed({}, Sensitive("abc"), clock_);
  EXPECT_EQ(text(fixed), "Bearer abc");
  Bearer none({}, {}, clock_);
  EXPECT_EQ(text(none), "");
}

}  // namespace
}  // namespace errand::kube
