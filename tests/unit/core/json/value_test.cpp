// Values that are kept: every type as nlohmann's own parser has it, without managed fields, and canonical
// text.
#include "core/json/value.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/json/node.hpp"

namespace errand {
namespace {

using nlohmann::json;

constexpr const char* kEveryType =
    R"({"n":null,"t":true,"f":false,"s":"\u00e9\n\"\\\/\b\f\r\t\u0001\u007f\ud83d\ude00","e":"","i":-7,"z":0,)"
    R"("m":9223372036854775807,"u":18446744073709551615,"l":-9223372036854775808,"d":1.5,"x":1e3,"y":0.1,)"
    R"("w":1e300,"a":[],"o":{},"é":1,"B":2,"aa":[1,[2,{"k":[],"b":1,"a":2}]]})";

std::string sorted(std::string_view text, std::string_view without = {}) {
  const auto document = JsonDocument::parse(text).value();
  JsonNode::Failure failure;
  std::string out;
  printSorted(out, JsonNode(document, failure), {without});
  return out;
}

TEST(JsonValueTest, ReadsEveryTypeAsNlohmannDoes) {
  const json value = parseJson(kEveryType).value(), other = json::parse(kEveryType);
  EXPECT_EQ(value, other);
  for (const auto& [key, field] : other.items()) EXPECT_EQ(value[key].type(), field.type()) << key;
  EXPECT_FALSE(parseJson(R"({"a":1,"a":2})").has_value());
}

TEST(JsonValueTest, ManagedFieldsAreLeftOutOfMetadataAlone) {
  const json object = {{"metadata", {{"name", "x"}, {"managedFields", {1}}}},
                       {"spec", {{"managedFields", {2}}, {"metadata", {{"managedFields", {3}}}}}}};
  json stripped = object;
  stripped["metadata"].erase("managedFields");
  EXPECT_EQ(parseObject(object.dump()).value(), stripped);
  EXPECT_EQ(parseJson(object.dump()).value(), object);
  EXPECT_EQ(parseObject(R"({"Metadata":{"managedfields":1}})").value(),
            (json{{"Metadata", {{"managedfields", 1}}}}))
      << "keys are taken as they are written";
  for (const char* text : {"[1]", "7", R"({"metadata":[]})"})
    EXPECT_EQ(parseObject(text).value(), json::parse(text)) << text;
}

TEST(JsonValueTest, CanonicalTextIsTheOneThatNlohmannPrints) {
  EXPECT_EQ(sorted(kEveryType), printJson(json::parse(kEveryType)));
  EXPECT_EQ(sorted(R"({"b":1,"a":[{"z":1,"y":2}]})"), R"({"a":[{"y":2,"z":1}],"b":1})");
}

TEST(JsonValueTest, CanonicalTextLeavesOutOneField) {
  EXPECT_EQ(sorted(R"({"r":1,"a":{"r":2}})", "r"), R"({"a":{"r":2}})");
  EXPECT_EQ(sorted(R"([{"r":1,"a":{"r":2}},3,[{"r":4}]])", "r"), R"([{"a":{"r":2}},3,[{"r":4}]])");
}

TEST(JsonValueTest, PrintingNeverThrows) { EXPECT_EQ(printJson("\xff"), "\"\ufffd\""); }

}  // namespace
}  // namespace errand
