// What is taken from the API server's JSON, and what of it is refused.
#include "core/kube/client/lean.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/api/codec.hpp"

namespace errand::kube {
namespace {

using nlohmann::json;

std::string nested(int depth) {
  std::string out;
  for (int i = 0; i < depth; ++i) out += R"({"a":)";
  out += "1";
  return out + std::string(static_cast<size_t>(depth), '}');
}

TEST(LeanTest, ManagedFieldsAreLeftOutOfMetadataAlone) {
  const json object = {{"metadata", {{"name", "x"}, {"managedFields", {1}}}},
                       {"spec", {{"managedFields", {2}}, {"metadata", {{"managedFields", {3}}}}}}};
  json lean = object;
  lean["metadata"].erase("managedFields");
  EXPECT_EQ(parseLean(object.dump(), Shape::Object).value(), lean);
  const json event = {{"type", "ADDED"}, {"object", object}};
  EXPECT_EQ(parseLean(event.dump(), Shape::WatchEvent).value(), (json{{"type", "ADDED"}, {"object", lean}}));
  const json list = {{"metadata", {{"continue", "c"}}}, {"items", {object, object}}};
  std::vector<json> items;
  EXPECT_EQ(parseLeanList(list.dump(), [&](json&& item) { items.push_back(std::move(item)); }).value(),
            (json{{"metadata", {{"continue", "c"}}}}));
  EXPECT_EQ(items, (std::vector<json>{lean, lean}));
}

TEST(LeanTest, ReadsEveryKindOfValueAsTheOtherParserDoes) {
  const std::string text =
      R"({"n":null,"t":true,"f":false,"s":"\u00e9\n\"","e":"","i":-7,"z":0,"m":9223372036854775807,)"
      R"("u":18446744073709551615,"l":-9223372036854775808,"d":1.5,"x":1e3,"a":[],"o":{},"aa":[1,[2,{"k":[]}]]})";
  const auto lean = parseLean(text, Shape::Object).value();
  const auto other = api::parseJson(text).value();
  EXPECT_EQ(lean, other);
  for (const auto& [key, value] : other.items()) EXPECT_EQ(lean[key].type(), value.type()) << key;
}

TEST(LeanTest, OfAKeyThatComesTwiceTheLastCounts) {
  EXPECT_EQ(parseLean(R"({"a":1,"b":{"c":1,"c":2},"a":2})", Shape::Object).value(),
            (json{{"a", 2}, {"b", {{"c", 2}}}}));
  EXPECT_EQ(parseLean(R"({"metadata":{"name":"x"},"metadata":{"name":"y"}})", Shape::Object).value(),
            (json{{"metadata", {{"name", "y"}}}}));
}

TEST(LeanTest, KeysAreTakenAsTheyAreWritten) {
  EXPECT_EQ(parseLean(R"({"Metadata":{"managedfields":1}})", Shape::Object).value(),
            (json{{"Metadata", {{"managedfields", 1}}}}));
}

TEST(LeanTest, DeepNestingIsInvalid) {
  EXPECT_TRUE(parseLean(nested(99), Shape::Object).has_value());
  for (const int depth : {101, 5000, 200'000}) {
    const auto deep = parseLean(nested(depth), Shape::Object);
    ASSERT_FALSE(deep.has_value()) << depth;
    EXPECT_EQ(deep.error().kind, ErrorKind::Invalid);
    EXPECT_NE(deep.error().message.find("deeper than 100"), std::string::npos) << deep.error().message;
  }
}

TEST(LeanTest, WhatIsNoJsonIsInvalidAndGivesNoItem) {
  for (const std::string text : {"", " ", "{", R"({"a":})", R"({"a":1}x)", "{\"a\":\"\xff\xfe\"}",
                                 "{\"a\":\"\x01\"}", R"({"items":[{"a":1},{)", R"(["\ud800"])"}) {
    EXPECT_FALSE(parseLean(text, Shape::Object).has_value()) << text;
    EXPECT_FALSE(parseLeanList(text, [&](json&&) { ADD_FAILURE() << text; }).has_value()) << text;
  }
}

TEST(LeanTest, AListWithoutItemsHasNone) {
  for (const char* text : {"[]", "1", "{}", R"({"items":null})", R"({"items":{"a":1}})"})
    EXPECT_TRUE(parseLeanList(text, [&](json&&) { ADD_FAILURE() << text; }).has_value()) << text;
}

}  // namespace
}  // namespace errand::kube
