// Texts that the parser refuses, and the messages.
#include "core/json/document.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace errand {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string whyNot(std::string_view text, JsonOptions options = {}) {
  const auto document = JsonDocument::parse(text, options);
  if (!document) {
    EXPECT_EQ(document.error().kind, ErrorKind::Invalid);
  }
  return document ? "" : document.error().message;
}

std::string nested(size_t depth) { return std::string(depth, '[') + "1" + std::string(depth, ']'); }

TEST(JsonDocumentTest, WhatIsNoJsonIsInvalid) {
  for (const std::string_view text :
       {"", " ", "{", R"({"a":})", R"({"a":1}x)", "{\"a\":\"\x01\"}", R"({"items":[{"a":1},{)",
        R"(["\ud800"])", "{'a':1}", "[1,]", "nul", "[01]", "[18446744073709551616]"})
    EXPECT_NE(whyNot(text), "") << text;
  EXPECT_EQ(whyNot("{\"a\":\"\xff\xfe\"}"), "JSON that is not valid UTF-8");
}

TEST(JsonDocumentTest, NestingIsBounded) {
  EXPECT_EQ(whyNot(nested(kDeepestJson)), "");
  for (const size_t depth : {kDeepestJson + 1, size_t{5000}, size_t{200'000}})
    EXPECT_EQ(whyNot(nested(depth)), "JSON nested deeper than 100") << depth;
  EXPECT_NE(whyNot(std::string(200'000, '[')), "");
}

TEST(JsonDocumentTest, AKeyTwiceIsInvalidAtAnyDepth) {
  for (const char* text : {R"({"a":1,"a":1})", R"([{"b":{"a":1,"b":2,"\u0061":3}}])", R"({"a":null,"a":{}})",
                           R"({"1":1,"2":1,"3":1,"4":1,"5":1,"6":1,"7":1,"8":1,"a":1,"9":1,"a":1})"})
    EXPECT_EQ(whyNot(text), "JSON object with the key \"a\" twice") << text;
  EXPECT_EQ(whyNot(R"({"a":{"a":{"a":1}},"A":1})"), "");
}

TEST(JsonDocumentTest, AMessageShowsAKeyAsItIsTold) {
  EXPECT_THAT(whyNot("{\"a\\u0000\\\"\u00e9\":1,\"a\\u0000\\\"\u00e9\":1}"), HasSubstr("\"a????\""));
  const std::string key(80, 'k');
  EXPECT_THAT(whyNot("{\"" + key + "\":1,\"" + key + "\":1}"), HasSubstr(std::string(64, 'k') + "...\""));
  EXPECT_THAT(
      whyNot(R"({"secret":1,"secret":1})", {.quote = [](std::string_view) { return std::string("?"); }}),
      Not(HasSubstr("secret")));
}

// Values survive in the document alone, and the next one of the thread does not show them.
TEST(JsonDocumentTest, CredentialsAreWipedAtTheEnd) {
  const char* inside = nullptr;
  {
    const auto document = JsonDocument::parse(R"({"token":"a-secret\n"})", {.wipes = true});
    ASSERT_TRUE(document.has_value());
    std::string_view token;
    ASSERT_EQ((*document)->root().at_key("token").get(token), simdjson::SUCCESS);
    EXPECT_EQ(token, "a-secret\n");
    inside = token.data();
  }
  const auto next = JsonDocument::parse("1");  // keeps the thread's parser, and with it its memory
  ASSERT_TRUE(next.has_value());
  EXPECT_NE(std::string_view(inside, 9), "a-secret\n");
}

TEST(JsonDocumentTest, SeveralDocumentsLiveAtOnce) {
  const auto first = JsonDocument::parse(R"({"a":"first"})"),
             second = JsonDocument::parse(R"({"a":"second"})");
  std::string_view a, b;
  ASSERT_EQ((*first)->root().at_key("a").get(a), simdjson::SUCCESS);
  ASSERT_EQ((*second)->root().at_key("a").get(b), simdjson::SUCCESS);
  EXPECT_EQ(a, "first");
  EXPECT_EQ(b, "second");
}

}  // namespace
}  // namespace errand
