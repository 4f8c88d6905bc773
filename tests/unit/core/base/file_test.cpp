// Reading small files that hold configuration and credentials.
#include "core/base/file.hpp"

#include <gmock/gmock.h>

#include <fstream>

namespace errand {
namespace {

using testing::HasSubstr;

struct FileTest : testing::Test {
  std::string written(const std::string& content) const {
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  ~FileTest() override { std::filesystem::remove(path); }
  const std::string path = testing::TempDir() + "errand_file_test";
};

TEST_F(FileTest, ReadsTheWholeFile) {
  const std::string content("a\0b\n", 4);
  EXPECT_EQ(*readFile(written(content)), content);
  EXPECT_EQ(readSecretFile(path)->reveal(), content);
  EXPECT_EQ(*readFile(written("")), "");
}

TEST_F(FileTest, ErrorsNameThePathAndNotTheContent) {
  EXPECT_EQ(readFile(path + ".none").error().kind, ErrorKind::NotFound);
  EXPECT_EQ(readFile("/").error().kind, ErrorKind::Invalid);
  const auto tooLarge = readSecretFile(written("SECRET" + std::string(1 << 20, 'x')));
  ASSERT_FALSE(tooLarge);
  EXPECT_THAT(tooLarge.error().message, HasSubstr(path + ": larger than 1 MiB"));
  EXPECT_THAT(tooLarge.error().message, testing::Not(HasSubstr("SECRET")));
}

}  // namespace
}  // namespace errand
