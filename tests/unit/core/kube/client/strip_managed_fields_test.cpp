// The parts of the API server's JSON that the parser keeps, and the input that it rejects.
#include "core/kube/client/strip_managed_fields.hpp"

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

TEST(StripManagedFieldsTest, ManagedFieldsAreLeftOutOfMetadataAlone) {
  const json object = {{"metadata", {{"name", "x"}, {"managedFields", {1}}}},
                       {"spec", {{"managedFields", {2}}, {"metadata", {{"managedFields", {3}}}}}}};
  json stripped = object;
  stripped["metadata"].erase("managedFields");
  EXPECT_EQ(parseStripped(object.dump(), Shape::Object).value(), stripped);
  const json event = {{"type", "ADDED"}, {"object", object}};
  EXPECT_EQ(parseStripped(event.dump(), Shape::WatchEvent).value(),
            (json{{"type", "ADDED"}, {"object", stripped}}));
  const json list = {{"metadata", {{"continue", "c"}}}, {"items", {object, object}}};
  std::vector<json> items;
  EXPECT_EQ(parseListStripped(list.dump(), [&](json&& item) { items.push_back(std::move(item)); }).value(),
            (json{{"metadata", {{"continue", "c"}}}}));
  EXPECT_EQ(items, (std::vector<json>{stripped, stripped}));
}

TEST(StripManagedFieldsTest, ReadsEveryKindOfValueAsTheOtherParserDoes) {
  const std::string text =
      R"({"n":null,"t":true,"f":false,"s":"\u00e9\n\"","e":"","i":-7,"z":0,"m":9223372036854775807,)"
      R"("u":18446744073709551615,"l":-9223372036854775808,"d":1.5,"x":1e3,"a":[],"o":{},"aa":[1,[2,{"k":[]}]]})";
  const auto stripped = parseStripped(text, Shape::Object).value();
  const auto other = api::parseJson(text).value();
  EXPECT_EQ(stripped, other);
  for (const auto& [key, value] : other.items()) EXPECT_EQ(stripped[key].type(), value.type()) << key;
}

TEST(StripManagedFieldsTest, OfAKeyThatComesTwiceTheLastCounts) {
  EXPECT_EQ(parseStripped(R"({"a":1,"b":{"c":1,"c":2},"a":2})", Shape::Object).value(),
            (json{{"a", 2}, {"b", {{"c", 2}}}}));
  EXPECT_EQ(parseStripped(R"({"metadata":{"name":"x"},"metadata":{"name":"y"}})", Shape::Object).value(),
            (json{{"metadata", {{"name", "y"}}}}));
}

TEST(StripManagedFieldsTest, KeysAreTakenAsTheyAreWritten) {
  EXPECT_EQ(parseStripped(R"({"Metadata":{"managedfields":1}})", Shape::Object).value(),
            (json{{"Metadata", {{"managedfields", 1}}}}));
}

TEST(StripManagedFieldsTest, DeepNestingIsInvalid) {
  EXPECT_TRUE(parseStripped(nested(99), Shape::Object).has_value());
  for (const int depth : {101, 5000, 200'000}) {
    const auto deep = parseStripped(nested(depth), Shape::Object);
    ASSERT_FALSE(deep.has_value()) << depth;
    EXPECT_EQ(deep.error().kind, ErrorKind::Invalid);
    EXPECT_NE(deep.error().message.find("deeper than 100"), std::string::npos) << deep.error().message;
  }
}

TEST(StripManagedFieldsTest, WhatIsNoJsonIsInvalidAndGivesNoItem) {
  for (const std::string text : {"", " ", "{", R"({"a":})", R"({"a":1}x)", "{\"a\":\"\xff\xfe\"}",
                                 "{\"a\":\"\x01\"}", R"({"items":[{"a":1},{)", R"(["\ud800"])"}) {
    EXPECT_FALSE(parseStripped(text, Shape::Object).has_value()) << text;
    EXPECT_FALSE(parseListStripped(text, [&](json&&) { ADD_FAILURE() << text; }).has_value()) << text;
  }
}

TEST(StripManagedFieldsTest, AListWithoutItemsHasNone) {
  for (const char* text : {"[]", "1", "{}", R"({"items":null})", R"({"items":{"a":1}})"})
    EXPECT_TRUE(parseListStripped(text, [&](json&&) { ADD_FAILURE() << text; }).has_value()) << text;
}

}  // namespace
}  // namespace errand::kube
