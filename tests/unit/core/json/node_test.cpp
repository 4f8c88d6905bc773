// Reading values: types, absent fields, paths of failures, and the bound on entries.
#include "core/json/node.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace errand {
namespace {

class JsonNodeTest : public testing::Test {
 protected:
  JsonNode root(std::string_view text, JsonOptions options = {}) {
    document_ = JsonDocument::parse(text, options).value();
    failure_.message.clear();
    return {document_, failure_};
  }

  std::shared_ptr<const JsonDocument> document_;
  JsonNode::Failure failure_;
};

TEST_F(JsonNodeTest, ReadsEachType) {
  const JsonNode node =
      root(R"({"s":"x","b":true,"i":-7,"l":["a","b"],"m":{"k":"v","n":null},"o":{"s":"y"}})");
  std::string s;
  bool b = false;
  std::int32_t i = 0;
  std::vector<std::string> l;
  JsonNode::StringMap m;
  std::optional<std::int64_t> wide;
  node.read("s", s);
  node.read("b", b);
  node.read("i", i);
  node.read("i", wide);
  node.read("l", l);
  node.read("m", m);
  EXPECT_EQ(s, "x");
  EXPECT_TRUE(b);
  EXPECT_EQ(i, -7);
  EXPECT_EQ(wide, -7);
  EXPECT_EQ(l, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(m, (JsonNode::StringMap{{"k", "v"}, {"n", ""}}));
  node.object("o", [&](const JsonNode& o) { o.read("s", s); });
  EXPECT_EQ(s, "y");
  EXPECT_EQ(node.count("l"), 2U);
  EXPECT_EQ(failure_.message, "");
}

TEST_F(JsonNodeTest, AbsentAndNullFieldsLeaveTheValueAlone) {
  const JsonNode node = root(R"({"n":null})");
  std::string text = "kept";
  std::optional<bool> flag;
  for (const char* key : {"n", "none"}) {
    node.read(key, text);
    node.read(key, flag);
    node.object(key, [](const JsonNode&) { ADD_FAILURE(); });
    node.list(key, [](const JsonNode&) { ADD_FAILURE(); });
    EXPECT_FALSE(node.has(key));
    EXPECT_FALSE(node.child(key));
  }
  EXPECT_EQ(text, "kept");
  EXPECT_FALSE(flag);
  EXPECT_EQ(failure_.message, "");
}

TEST_F(JsonNodeTest, TheFirstFailureHasItsPath) {
  const JsonNode node = root(R"({"a":{"l":[{},{"b":{"s":1}}]},"t":7})");
  std::string text;
  node.object("a", [&](const JsonNode& a) {
    a.list("l",
           [&](const JsonNode& item) { item.object("b", [&](const JsonNode& b) { b.read("s", text); }); });
  });
  node.read("t", text);
  EXPECT_EQ(failure_.message, "a.l[1].b.s is not a string");

  const auto whyNot = [&](std::string_view value, auto out) {
    root("{\"f\":" + std::string(value) + "}").read("f", out);
    return failure_.message;
  };
  EXPECT_EQ(whyNot("1", true), "f is not true or false");
  EXPECT_EQ(whyNot("1.0", std::int64_t{}), "f is not a whole number of 64 bits");
  EXPECT_EQ(whyNot("9223372036854775808", std::int64_t{}), "f is not a whole number of 64 bits");
  EXPECT_EQ(whyNot("2147483648", std::int32_t{}), "f is not a number of 32 bits");
  EXPECT_EQ(whyNot("[1]", std::vector<std::string>{}), "f is not a list of strings");
  EXPECT_EQ(whyNot("{}", std::vector<std::string>{}), "f is not a list");
  EXPECT_EQ(whyNot("{\"a\":1}", JsonNode::StringMap{}), "f is not a map of strings");
  EXPECT_EQ(whyNot("[]", JsonNode::StringMap{}), "f is not a map");
  root("[1]").items([](const JsonNode&) { ADD_FAILURE(); });
  EXPECT_EQ(failure_.message, "[0] is not an object");
  root("[]").fields([](std::string_view, const JsonNode&) { ADD_FAILURE(); });
  EXPECT_EQ(failure_.message, "object is not an object");
}

TEST_F(JsonNodeTest, FailuresCanBeApart) {
  const JsonNode node = root(R"({"a":{"b":{"s":1}}})");
  JsonNode::Failure within, own;
  node.isolated("a", within, [&](const JsonNode& a) {
    std::string text;
    a.object("b", [&](const JsonNode& b) { b.read("s", text); });
    a.child("b")->rooted(own).read("s", text);
  });
  EXPECT_EQ(failure_.message, "");
  EXPECT_EQ(within.message, "a.b.s is not a string");
  EXPECT_EQ(own.message, "s is not a string");
}

TEST_F(JsonNodeTest, EntriesAreBounded) {
  std::vector<std::string> list;
  root(R"({"l":["a","b"]})", {.entries = 2, .what = "note"}).read("l", list);
  EXPECT_EQ(failure_.message, "");
  root(R"({"l":["a","b","c"]})", {.entries = 2, .what = "note"}).read("l", list);
  EXPECT_EQ(failure_.message,
            "l is too much: one note has 2 entries of lists and maps at most; write smaller objects");
  EXPECT_EQ(root("[1,2]", {.entries = 2}).counted(), "");
  EXPECT_EQ(root("[1,2]", {.entries = 3}).counted(), "[1,2]");
}

TEST_F(JsonNodeTest, StringsHaveTheirPlace) {
  const JsonNode node = root(R"({"a/b":"x","l":["y",{"name":"N","value":"z"}],"not":"this","n":1})");
  std::string seen;
  node.strings("/at", {"not"}, [&](const std::string& path, std::string_view name, std::string_view text) {
    seen.append(path).append("|").append(name).append("|").append(text).append(" ");
  });
  EXPECT_EQ(seen, "/at/a~1b|a/b|x /at/l/0||y /at/l/1/name|name|N /at/l/1/value|N|z ");
}

}  // namespace
}  // namespace errand
