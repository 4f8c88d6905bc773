#include "rules/literals/scanner.hpp"

#include <gmock/gmock.h>

#include <set>

#include "tests/unit/rules/literals/growth.hpp"
#include "tests/unit/rules/literals/sample.hpp"

namespace errand::rules {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<std::string> ids(std::string_view text) {
  std::vector<std::string> out;
  for (const Hit& hit : Scanner::instance().scan(text)) out.emplace_back(hit.format->id);
  return out;
}

TEST(Scanner, FindsEachFormatsOwnSamplesAndNoOther) {
  for (const Format* format : Scanner::instance().formats()) {
    EXPECT_GE(format->found.size(), 1u) << format->id;
    EXPECT_GE(format->passed.size(), 2u) << format->id;
    for (unsigned seed = 1; seed <= 50; ++seed)
      for (const std::string_view sample : format->found)
        EXPECT_THAT(ids(expand(sample, seed)), ElementsAre(format->id)) << sample << " seed " << seed;
  }
}

TEST(Scanner, PassesWhatOnlyLooksLikeAKey) {
  for (const Format* format : Scanner::instance().formats())
    for (unsigned seed = 1; seed <= 50; ++seed)
      for (const std::string_view sample : format->passed)
        EXPECT_THAT(ids(expand(sample, seed)), Not(Contains(format->id))) << sample << " seed " << seed;
}

TEST(Scanner, KnowsSixtyFormats) { EXPECT_GE(Scanner::instance().formats().size(), 60u); }

TEST(Scanner, GivesEachFormatAnIdOfItsOwn) {
  std::set<std::string_view> all;
  for (const Format* format : Scanner::instance().formats())
    EXPECT_TRUE(all.insert(format->id).second) << format->id;
}

TEST(Scanner, MeasuresTheCredentialAlone) {
  const auto hits = Scanner::instance().scan(expand("OPENAI_API_KEY=sk-<b62*48> # prod"));
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_EQ(hits[0].length, 51u);
}

TEST(Scanner, LooksBehindAPlaceholder) {
  EXPECT_THAT(ids(expand("AKIAIOSFODNN7EXAMPLE,AKIA<b32*16>")), ElementsAre("aws-access-key-id"));
}

TEST(Scanner, FindsSeveralFormatsAtOnce) {
  EXPECT_THAT(ids(expand("AKIA<b32*16> ghp_<b62*30><crc>")),
              ElementsAre("aws-access-key-id", "github-token"));
}

TEST(Scanner, FindsWhatStandsBesideAnotherFormat) {
  const std::string key = expand("AKIA<b32*16>"), secret = expand("DB_PASSWORD=<b62*60>");
  for (const std::string& text : {key + " " + secret, secret + " " + key})
    EXPECT_THAT(ids(text), ElementsAre("aws-access-key-id", "named-secret"));
}

// A token that GitHub's own documentation shows, from two halves. It proves the
// order of the alphabet and the padding of the checksum.
TEST(Scanner, KnowsTheChecksumOfGitHub) {
  const std::string published = std::string("ghp_zQWBuTSOoRi4A9sp") + "HcVY5ncnsDkxkJ0mLq17";
  EXPECT_THAT(ids(published), ElementsAre("github-token"));
  std::string changed = published;
  changed[10] = changed[10] == 'S' ? 'T' : 'S';
  EXPECT_THAT(ids(changed), IsEmpty());
}

TEST(Scanner, PassesOrdinaryText) {
  for (const std::string_view text :
       {"", "LOG_LEVEL=debug",
        "IMAGE=registry.example.com/"
        "app@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "UUID=123e4567-e89b-12d3-a456-426614174000", "URL=https://api.example.com/v1/tasks?limit=100",
        "OPENAI_API_KEY=$(OPENAI_API_KEY)", "TOKEN_FILE=/var/run/secrets/errand.dev/token",
        "GIT_SHA=da39a3ee5e6b4b0d3255bfef95601890afd80709"})
    EXPECT_THAT(ids(text), IsEmpty()) << text;
}

TEST(Scanner, TakesLinearTimeOnRepetition) {
  for (const std::string_view unit :
       {"-----BEGIN ", "eyJ", "sk-", "AccountKey=", "AKIAIOSFODNN7EXAMPLE ", "aaaa/", "xoxb-1"}) {
    const auto read = [&](const std::string& text) { EXPECT_THAT(ids(text), IsEmpty()) << unit; };
    EXPECT_LT(growth(unit, 128 << 10, read), 8) << unit;
  }
}

TEST(Scanner, FindsAKeyAtTheEndOfAMegabyte) {
  std::string text;
  while (text.size() < (1 << 20)) text += expand("<url*61> ", static_cast<unsigned>(text.size()));
  EXPECT_THAT(ids(text + expand("glpat-<url*20>")), Contains("gitlab-token"));
}

}  // namespace
}  // namespace errand::rules
