#include <gmock/gmock.h>

#include "cli/yaml/tree.hpp"

namespace errand::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string asJson(std::string_view yaml) {
  const auto document = YamlDocument::parse(yaml, 1);
  if (!document) return "broken at " + document.error().message;
  return toJson(*document->root()).value_or("too large");
}

// As sigs.k8s.io/yaml does it, which kubectl uses.
TEST(Yaml, BecomesTheJsonThatKubectlWouldSend) {
  EXPECT_EQ(asJson("a: 1\nb: yes\nc: 'yes'\nd: ~\ne: 0x1F\nf: 1.5\ng: 1e3x\nh: 010\ni:\n"),
            R"({"a":1,"b":true,"c":"yes","d":null,"e":31,"f":1.5,"g":"1e3x","h":8,"i":null})");
  EXPECT_EQ(asJson("- \"1\"\n- !!str 1\n- -5\n- |\n  text\n"), R"(["1","1",-5,"text\n"])");
  EXPECT_EQ(asJson(R"({"a": [1, {"b": "c"}]})"), R"({"a":[1,{"b":"c"}]})");
}

TEST(Yaml, FollowsAliasesAndMergeKeys) {
  EXPECT_EQ(asJson("base: &b {x: 1, y: 2}\nown:\n  <<: *b\n  y: 3\n"),
            R"({"base":{"x":1,"y":2},"own":{"y":3,"x":1}})");
  EXPECT_EQ(asJson("a: &a {x: 1}\nb: &b {y: 2}\nc:\n  <<: [*a, *b]\n"),
            R"({"a":{"x":1},"b":{"y":2},"c":{"x":1,"y":2}})");
}

TEST(Yaml, ExpandsNoBombs) {
  std::string lists = "a0: &a0 [" + std::string(4000, 'x') + "]\n", maps = "m0: &m0 {x: 1}\n";
  for (int i = 1; i < 30; ++i) {
    const std::string n = std::to_string(i), p = std::to_string(i - 1);
    lists += "a" + n + ": &a" + n + " [*a" + p + ", *a" + p + ", *a" + p + ", *a" + p + "]\n";
    maps += "m" + n + ": &m" + n + "\n  <<: [*m" + p + ", *m" + p + ", *m" + p + ", *m" + p + "]\n";
  }
  EXPECT_EQ(asJson(lists), "too large");
  EXPECT_EQ(asJson(maps), "too large");
  EXPECT_EQ(asJson("a: &a [*a]\n"), "too large");
}

TEST(Yaml, NamesTheLineOfWhatIsBroken) {
  EXPECT_THAT(asJson("a: 1\nb: [1, 2\nc: 3\n"), HasSubstr("broken at 3: "));
  EXPECT_THAT(asJson("a: 1\nb: 2\na: 3\n"), HasSubstr("broken at 3: the key \"a\" stands twice"));
  EXPECT_THAT(asJson("? [1]\n: 2\n"), HasSubstr("a key that is no string"));
  EXPECT_THAT(asJson(std::string(200, '[') + std::string(200, ']')),
              HasSubstr("broken at 1: nested deeper than 100"));
  EXPECT_THAT(asJson(std::string(100000, '[')), HasSubstr("broken at"));
}

TEST(Yaml, KnowsTheLineOfAPointer) {
  const auto document =
      YamlDocument::parse("spec:\n  containers:\n  - name: a\n    env:\n    - name: x\n      value: y\n", 11);
  ASSERT_TRUE(document);
  EXPECT_EQ(lineOf(*document->root(), ""), 11);
  EXPECT_EQ(lineOf(*document->root(), "/spec/containers/0/env/0"), 15);
  EXPECT_EQ(lineOf(*document->root(), "/spec/containers/0/env/0/value"), 16);
  EXPECT_EQ(lineOf(*document->root(), "/spec/containers/7/env"), 12) << "the nearest that exists";
}

TEST(Yaml, SplitsAStreamWithoutComments) {
  const auto chunks =
      splitStream("# a chart\n---\n# Source: x\na: 1\n---\n# nothing\n--- {b: 2}\n...\n---\nc: '---'\n");
  ASSERT_THAT(chunks, SizeIs(3));
  EXPECT_EQ(chunks[0].firstLine, 2);
  EXPECT_EQ(asJson(chunks[1].text), R"({"b":2})");
  EXPECT_EQ(asJson(chunks[2].text), R"({"c":"---"})");
}

}  // namespace
}  // namespace errand::cli
