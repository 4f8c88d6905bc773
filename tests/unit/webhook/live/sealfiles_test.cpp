// The keys of seals in their folder: absent, broken, and changed while somebody signs.
#include "webhook/live/sealfiles.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "tests/unit/webhook/live/until.hpp"

namespace errand::webhook {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class SealFilesTest : public testing::Test {
 protected:
  SealFilesTest() : folder_(fs::path(testing::TempDir()) / ("seal-" + std::to_string(getpid()))) {
    fs::remove_all(folder_);
    fs::create_directory(folder_);
  }
  ~SealFilesTest() override { fs::remove_all(folder_); }

  // As the kubelet does: a reader finds the one or the other, whole.
  void write(const char* name, std::string_view text) const {
    const fs::path fresh = folder_ / (std::string(".") + name);
    std::ofstream(fresh) << text;
    fs::rename(fresh, folder_ / name);
  }
  void use(const SigningKey& key) const {
    write("accepted.pem", key.publicPem());
    write("signing.pem", key.privatePem().reveal());
  }
  std::string refused() const {
    const auto read = readSealKeys(folder_.string());
    return read ? "read" : read.error().message;
  }

  const fs::path folder_;
  const SigningKey first_ = SigningKey::make().value(), second_ = SigningKey::make().value();
};

TEST_F(SealFilesTest, AreReadTogether) {
  use(first_);
  write("accepted.pem", first_.publicPem() + second_.publicPem());
  const auto keys = readSealKeys(folder_.string()).value();
  EXPECT_EQ(keys.signing.id(), first_.id());
  EXPECT_TRUE(keys.accepted.has(first_.id()) && keys.accepted.has(second_.id()));
}

TEST_F(SealFilesTest, WhatSignsIsAcceptedThoughTheOtherFileIsOlderOrNotThere) {
  write("signing.pem", first_.privatePem().reveal());
  EXPECT_TRUE(readSealKeys(folder_.string()).value().accepted.has(first_.id()));
  write("accepted.pem", second_.publicPem());
  const auto keys = readSealKeys(folder_.string()).value();
  EXPECT_TRUE(keys.accepted.has(first_.id()) && keys.accepted.has(second_.id()));
}

TEST_F(SealFilesTest, WhatCannotBeReadIsNamedAndNotShown) {
  EXPECT_EQ(readSealKeys(folder_.string()).error().kind, ErrorKind::NotFound);
  EXPECT_THAT(refused(), HasSubstr("signing.pem"));
  write("signing.pem", "");
  EXPECT_EQ(readSealKeys(folder_.string()).error().kind, ErrorKind::NotFound);
  EXPECT_THAT(refused(), HasSubstr("signing.pem is empty"));
  const std::string pem(first_.privatePem().reveal());
  const std::string secret = pem.substr(pem.find('\n') + 1, 40);
  for (const std::string& bad :
       {pem.substr(0, pem.size() / 2), "x" + secret, first_.publicPem(), std::string(100000, 'A')}) {
    write("signing.pem", bad);
    EXPECT_THAT(refused(), testing::AllOf(HasSubstr("signing.pem"), Not(HasSubstr(secret))))
        << bad.substr(0, 60);
  }
  use(first_);
  for (const std::string& bad :
       {std::string("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"), pem}) {
    write("accepted.pem", bad);
    EXPECT_THAT(refused(), testing::AllOf(HasSubstr("accepted.pem"), Not(HasSubstr(secret))))
        << bad.substr(0, 60);
  }
}

TEST_F(SealFilesTest, NoFolderMeansNoKeys) { EXPECT_EQ(SealFiles("", Millis{1}).keys(), nullptr); }

TEST_F(SealFilesTest, AChangeIsFollowedAndWhatIsBrokenKeepsTheLast) {
  SealFiles files(folder_.string(), Millis{1});
  EXPECT_EQ(files.keys(), nullptr);
  const auto signs = [&](const SigningKey& key) {
    return until([&] { return files.keys() != nullptr && files.keys()->signing.id() == key.id(); });
  };
  use(first_);
  ASSERT_TRUE(signs(first_));
  const auto held = files.keys();
  write("signing.pem", "broken");
  use(second_);
  ASSERT_TRUE(signs(second_));
  EXPECT_EQ(held->signing.id(), first_.id()) << "who signs with it goes on";
  write("signing.pem", "broken");
  use(first_);
  ASSERT_TRUE(signs(first_));
}

}  // namespace
}  // namespace errand::webhook
