// Tokens in text that somebody else wrote: what is none must neither count nor break anything.
#include "rules/catalogue/stored/jwt.hpp"

#include <gmock/gmock.h>

#include "core/base/crypto.hpp"

namespace errand::rules {
namespace {

std::string part(std::string_view text) {
  std::string out = base64Encode(text);
  std::erase(out, '=');
  return out;
}

std::string token(std::string_view claims) {
  return part(R"({"alg":"RS256"})") + "." + part(claims) + ".c2ln";
}

TEST(Jwt, ReadsEachTokenOfATextWithWhatItSaysOfTime) {
  const std::string text =
      "a: " + token(R"({"sub":"x","iat":10,"exp":20.5})") + "\nb: " + token(R"({"sub":"y"})");
  const auto found = tokensIn(text);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].subject, "x");
  EXPECT_EQ(found[0].issuedAt, 10);
  EXPECT_EQ(found[0].expiresAt, 20);
  EXPECT_EQ(found[1].subject, "y");
  EXPECT_FALSE(found[1].expiresAt);
}

TEST(Jwt, AudiencesAreOneOrAList) {
  using testing::ElementsAre;
  EXPECT_THAT(tokensIn(token(R"({"aud":"a"})"))[0].audiences, ElementsAre("a"));
  EXPECT_THAT(tokensIn(token(R"({"aud":["a",7,"b"]})"))[0].audiences, ElementsAre("a", "b"));
  EXPECT_THAT(tokensIn(token(R"({"aud":{"a":"b"}})"))[0].audiences, testing::IsEmpty());
}

TEST(Jwt, ClaimsOfAnotherTypeOrNoneAreAsIfLeftOut) {
  for (const char* claims :
       {R"({})", R"({"sub":7,"exp":"soon","iat":null})", R"({"exp":1e300,"iat":-1e16})"}) {
    const auto found = tokensIn(token(claims));
    ASSERT_EQ(found.size(), 1u) << claims;
    EXPECT_EQ(found[0].subject, "");
    EXPECT_FALSE(found[0].expiresAt || found[0].issuedAt) << claims;
  }
}

TEST(Jwt, WhatIsNoTokenIsPassedOver) {
  const std::string claims = part(R"({"sub":"x"})");
  for (const std::string& text :
       {std::string("eyJ"), std::string("eyJhbGciOiJSUzI1NiJ9"), "eyJhbGciOiJSUzI1NiJ9," + claims,
        "eyJhbGciOiJSUzI1NiJ9." + part("[1]"), std::string("eyJh.!"), std::string("eyJh.e")})
    EXPECT_TRUE(tokensIn(text).empty()) << text;
  EXPECT_EQ(tokensIn("eyJhbGciOiJSUzI1NiJ9,eyJh." + claims).size(), 1u);
}

TEST(Jwt, ClaimsOfSixteenKibibytesAreTheLongestThatAreRead) {
  const auto ofLength = [](size_t length) {
    constexpr std::string_view kHead = R"({"sub":"x","pad":")", kTail = R"("})";
    return std::string(kHead) + std::string(length / 4 * 3 - kHead.size() - kTail.size(), 'p') +
           std::string(kTail);
  };
  EXPECT_EQ(tokensIn(token(ofLength(16384))).size(), 1u);
  EXPECT_TRUE(tokensIn(token(ofLength(16388))).empty());
}

}  // namespace
}  // namespace errand::rules
