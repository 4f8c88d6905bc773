#include "rules/literals/randomness.hpp"

#include <gtest/gtest.h>

#include <string>

namespace errand::rules {
namespace {

TEST(Randomness, EntropyIsInBitsOfOneCharacter) {
  EXPECT_EQ(entropy(""), 0);
  EXPECT_EQ(entropy("aaaa"), 0);
  EXPECT_EQ(entropy("abab"), 1);
  EXPECT_EQ(entropy("abcdefgh"), 3);
}

TEST(Randomness, ThreeAndAHalfBitsOfLettersOfBothCasesAndDigitsLookRandom) {
  EXPECT_TRUE(looksRandom("AABBccddefgh1234")) << "three and a half bits exactly";
  EXPECT_FALSE(looksRandom("AABBccddeefg1234"));
  EXPECT_FALSE(looksRandom("abcdefgh~{@[/:12345678"));
  EXPECT_FALSE(looksRandom("ABCDEFGH~{@[/:12345678"));
  EXPECT_FALSE(looksRandom("ABCDEFGH~{@[/:abcdefgh"));
}

TEST(Randomness, TheFirstAndLastOfEachClassAreOfIt) {
  const std::string lower = "bcdefghijkl", upper = "BCDEFGHIJKL", digits = "12345678";
  for (const char* one : {"A", "Z"}) EXPECT_TRUE(looksRandom(lower + digits + one)) << one;
  for (const char* one : {"a", "z"}) EXPECT_TRUE(looksRandom(upper + digits + one)) << one;
  for (const char* one : {"0", "9"}) EXPECT_TRUE(looksRandom(upper + lower + one)) << one;
}

TEST(Randomness, ThreeDigitsAndFourChangesLookRandomInOneCase) {
  EXPECT_TRUE(looksRandomInOneCase("a1bcdefghij2klmnop3q"));
  EXPECT_FALSE(looksRandomInOneCase("a1bcdefghij2klmnop3")) << "too short";
  EXPECT_FALSE(looksRandomInOneCase("a1bcdefghij2klmnopqr")) << "two digits";
  EXPECT_FALSE(looksRandomInOneCase("abcdefghijklmnopq123")) << "one change";
  EXPECT_FALSE(looksRandomInOneCase("A1bcdefghij2klmnop3q")) << "two cases";
  EXPECT_FALSE(looksRandomInOneCase("a1bcdefghij2klmn-p3q"));
  EXPECT_TRUE(looksRandomInOneCase("A1BCDEFGHIJ2KLMNOP3Q"));
}

TEST(Randomness, GroupsOfHexadecimalDigitsHave32) {
  EXPECT_TRUE(isHexInGroups("0a1b2c3d-4e5f-6a7b-8c9d-0e1f2a3b4c5d"));
  EXPECT_FALSE(isHexInGroups("0a1b2c3d-4e5f-6a7b-8c9d-0e1f2a3b4c5"));
  EXPECT_FALSE(isHexInGroups("0a1b2c3d-4e5f-6a7b-8c9d-0e1f2a3b4c5g"));
}

TEST(Randomness, ThreeFifthsOfWhatPeopleWriteAreWords) {
  EXPECT_TRUE(isMadeOfWords("DatabasePasswordOf2026Planner"));
  EXPECT_TRUE(isMadeOfWords("wordab1234")) << "exactly three fifths";
  EXPECT_FALSE(isMadeOfWords("wordab12345"));
  EXPECT_FALSE(isMadeOfWords("aBcDeFgHiJkLm1"));
}

TEST(Randomness, WordsHaveNoCapitalsOrThreeSeparatorsAndNoDigit) {
  EXPECT_TRUE(looksLikeWords("a1b2c3d4"));
  EXPECT_TRUE(looksLikeWords("My-Own-Gate-Way"));
  EXPECT_TRUE(looksLikeWords("My_Own_Gate_Way"));
  EXPECT_FALSE(looksLikeWords("My-Own-Gateway"));
  EXPECT_FALSE(looksLikeWords("MyOwnGateway"));
  EXPECT_FALSE(looksLikeWords("My-Own-Gate-Way-2"));
}

}  // namespace
}  // namespace errand::rules
