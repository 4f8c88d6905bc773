#include "rules/literals/reach.hpp"

#include <gmock/gmock.h>
#include <re2/re2.h>

#include <algorithm>

#include "rules/literals/scanner.hpp"
#include "tests/unit/rules/literals/sample.hpp"

namespace errand::rules {
namespace {

// The unlimited bytes as text, of those that the tests use.
std::string unlimited(std::string_view pattern) {
  std::string out;
  for (const char c : std::string_view("\t\n -09AZ_az\xff"))
    if (reachOf(pattern).unlimited[static_cast<unsigned char>(c)]) out += c;
  return out;
}

TEST(Reach, AddsWhatFollowsAndTakesTheLongerAlternative) {
  for (const auto& [pattern, others] : std::vector<std::pair<const char*, size_t>>{{"", 0},
                                                                                   {"abc", 3},
                                                                                   {R"(^\bab$)", 2},
                                                                                   {"a|bcd|ef", 3},
                                                                                   {"(?:a|bc)(d)", 3},
                                                                                   {"a{3}", 3},
                                                                                   {"[ab]{2,5}c", 6},
                                                                                   {"(?:ab){4}", 8},
                                                                                   {"a?b??c", 3},
                                                                                   {R"([\]x-]\.\d)", 3},
                                                                                   {"a{2,3}?b", 4},
                                                                                   {"(?i:k)(?s).", 2},
                                                                                   {"[^]a]", 1},
                                                                                   {"(?i)a|bc", 2}})
    EXPECT_EQ(reachOf(pattern).others, others) << pattern;
}

TEST(Reach, BytesOfUnlimitedRepetitionsCountApart) {
  EXPECT_EQ(reachOf("ab*c").others, 2u);
  EXPECT_EQ(reachOf("[a-z]{40,}").others, 0u);
  EXPECT_EQ(unlimited("[a-z]{40,}x"), "az");
  EXPECT_EQ(unlimited(R"(x\s*=)"), "\t\n ");
  EXPECT_EQ(unlimited("(?:a[0-9]?)+|_*"), "09_a");
  EXPECT_EQ(unlimited("(?:Z{2,}-){3}"), "Z");
  EXPECT_EQ(unlimited("(?i)z+(?:A*)"), "AZaz");
  EXPECT_EQ(unlimited("(?i:z+)_+"), "Z_z");
  EXPECT_EQ(unlimited("(?i:[^z]+)"), "\t\n -09A_a\xff");
  EXPECT_EQ(unlimited(".*"), "\t -09AZ_az\xff");
  EXPECT_EQ(unlimited("(?s:.*?)"), "\t\n -09AZ_az\xff");
}

TEST(Reach, UnknownSyntaxReachesEverywhere) {
  for (const char* pattern :
       {R"(\pL)", R"(\w)", "[[:alpha:]]", "(?P<a>b)", "(a", "a)", "[a", "a{2", "*", R"(\)", R"([a-\d])"})
    EXPECT_TRUE(reachOf(pattern).unlimited.all()) << pattern;
}

// Only these search the whole text: their pattern has a part that may be anything.
TEST(Reach, NearlyEveryFormatHasALimit) {
  std::vector<std::string_view> whole;
  for (const Format* format : Scanner::instance().formats())
    if (reachOf(format->pattern).unlimited.count() > 200) whole.push_back(format->id);
  EXPECT_THAT(whole,
              ::testing::UnorderedElementsAre("kubeconfig-token", "pem-private-key", "tool-private-key"));
}

TEST(Reach, HoldsForTheMatchesOfEachSample) {
  for (const Format* format : Scanner::instance().formats()) {
    RE2::Options options;
    options.set_encoding(RE2::Options::EncodingLatin1);
    const RE2 pattern(re2::StringPiece(format->pattern.data(), format->pattern.size()), options);
    const Reach reach = reachOf(format->pattern);
    for (unsigned seed = 1; seed <= 20; ++seed)
      for (const std::string_view sample : format->found) {
        const std::string text = " " + expand(sample, seed) + " ";
        re2::StringPiece match;
        ASSERT_TRUE(pattern.Match(text, 0, text.size(), RE2::UNANCHORED, &match, 1)) << format->id;
        const auto others = std::ranges::count_if(std::string_view(match.data(), match.size()), [&](char c) {
          return !reach.unlimited[static_cast<unsigned char>(c)];
        });
        EXPECT_LE(static_cast<size_t>(others), reach.others) << format->id;
      }
  }
}

}  // namespace
}  // namespace errand::rules
