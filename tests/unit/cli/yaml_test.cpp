#include <gmock/gmock.h>

#include "cli/yaml/stream.hpp"
#include "cli/yaml/tree.hpp"

namespace errand::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
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

TEST(Yaml, ReadsTaggedScalarsAsKubectlDoes) {
  EXPECT_EQ(asJson("[!!binary aHVudGVyMg==, !!bool 'yes', !!int '5', !!null '', !!str yes, !x yes]"),
            R"(["hunter2",true,5,null,"yes","yes"])");
  EXPECT_EQ(asJson("a: !!binary |\n  aHVu\n  dGVyMg==\n"), R"({"a":"hunter2"})");
  EXPECT_THAT(asJson("a: 1\nb: !!binary '@@'\n"),
              HasSubstr("broken at 2: the value of !!binary is not base64"));
  EXPECT_THAT(asJson("a: !!binary /w==\n"), HasSubstr("broken at 1: the value of !!binary is no text"));
}

TEST(Yaml, AKeyIsAStringOfItsValue) {
  EXPECT_EQ(asJson("{yes: 1, 0o17: 2, n: 3, 'no': 4, on-call: 5, !!str off: 6, 1.50: 7, t: 8}"),
            R"({"true":1,"15":2,"false":3,"no":4,"on-call":5,"off":6,"1.5":7,"t":8})");
  EXPECT_THAT(asJson("{yes: 1, 'true': 2}"), HasSubstr("the key \"true\" stands twice"));
  for (const char* key : {"~", "null", "Null"})
    EXPECT_THAT(asJson(std::string("a: 1\n") + key + ": 2\n"), HasSubstr("broken at 2: a key that is null"));
  EXPECT_EQ(asJson("{'null': 1, !!str ~: 2}"), R"({"null":1,"~":2})");
}

TEST(Yaml, FollowsAliasesAndMergeKeys) {
  EXPECT_EQ(asJson("base: &b {x: 1, z: 2}\nown:\n  <<: *b\n  z: 3\n"),
            R"({"base":{"x":1,"z":2},"own":{"z":3,"x":1}})");
  EXPECT_EQ(asJson("a: &a {x: 1}\nb: &b {z: 2}\nc:\n  <<: [*a, *b]\n"),
            R"({"a":{"x":1},"b":{"z":2},"c":{"x":1,"z":2}})");
}

TEST(Yaml, ExpandsNoBombs) {
  std::string lists = "a0: &a0 [" + std::string(4000, 'x') + "]\n", maps = "m0: &m0 {x: 1}\n";
  for (int i = 1; i < 30; ++i) {
    const std::string n = std::to_string(i), p = std::to_string(i - 1);
    lists += "a" + n + ": &a" + n + " [*a" + p + ", *a" + p + ", *a" + p + ", *a" + p + "]\n";
    maps += "m" + n + ": &m" + n + "\n  <<: [*m" + p + ", *m" + p + ", *m" + p + ", *m" + p + "]\n";
  }
  EXPECT_EQ(asJson(lists), "too large");
  EXPECT_THAT(asJson(maps), EndsWith(R"("m29":{"x":1}})")) << "one field each time";
  EXPECT_EQ(asJson("a: &a [*a]\n"), "too large");
}

TEST(Yaml, BoundsWhatMergeKeysBringIn) {
  std::string text = "a: &a\n";
  for (int i = 0; i < 1100; ++i) text += "  k" + std::to_string(i) + ": v\n";
  for (int i = 0; i < 1000; ++i) text += "m" + std::to_string(i) + ": {<<: *a}\n";
  EXPECT_THAT(asJson(text), HasSubstr("merge keys bring in more than"));
}

// A merge key replaces what stands before it; https://github.com/go-yaml/yaml/blob/v2/decode.go
TEST(Yaml, MergesAsKubectlDoes) {
  const std::string base = "b: &b {x: 1, z: 2}\nc: &c {x: 3}\n";
  const auto merged = [&](const std::string& text) {
    const std::string json = asJson(base + "o:\n" + text);
    return json.substr(std::min(json.find("\"o\":"), json.size()));
  };
  EXPECT_EQ(merged("  x: 9\n  <<: *b\n"), R"("o":{"x":1,"z":2}})");
  EXPECT_EQ(merged("  <<: *b\n  x: 9\n"), R"("o":{"x":9,"z":2}})");
  EXPECT_EQ(merged("  <<: [*c, *b]\n"), R"("o":{"x":3,"z":2}})");
  EXPECT_EQ(merged("  <<: *b\n  <<: *c\n"), R"("o":{"x":3,"z":2}})");
  EXPECT_EQ(merged("  '<<': x\n"), R"("o":{"<<":"x"}})") << "quoted, it is a key";
  EXPECT_THAT(asJson("a:\n  <<: 5\n"), HasSubstr("broken at 2: a merge key needs a map"));
}

TEST(Yaml, PrintsNumbersAsGoDoes) {
  EXPECT_EQ(asJson("[8.64e4, 1_000.5, -0x10, 1e21, 1.0, .5, 0B11]"), "[86400,1000.5,-16,1e+21,1,0.5,3]");
}

TEST(Yaml, ReadsJsonWithSurrogatePairs) {
  EXPECT_EQ(asJson(R"({"a": "\ud83d\ude80", "b": [], "c": {}, "d": [1, true, null, "<<"]})"),
            "{\"a\":\"\xf0\x9f\x9a\x80\",\"b\":[],\"c\":{},\"d\":[1,true,null,\"<<\"]}");
  EXPECT_THAT(asJson("{\"a\": 1,\n\"a\": 2}"), HasSubstr("broken at 2: the key \"a\" stands twice"));
  EXPECT_EQ(asJson(R"({"a":{"b":[[1],[]]},"e":-1.5e3})"), R"({"a":{"b":[[1],[]]},"e":-1500})");
}

TEST(Yaml, NamesTheLineOfWhatIsBroken) {
  EXPECT_THAT(asJson("a: 1\nb: [1, 2\nc: 3\n"), HasSubstr("broken at 3: "));
  EXPECT_THAT(asJson("a: 1\nb: 2\na: 3\n"), HasSubstr("broken at 3: the key \"a\" stands twice"));
  EXPECT_THAT(asJson("? [1]\n: 2\n"), HasSubstr("a key that is no string"));
  EXPECT_THAT(asJson(std::string(200, '[') + std::string(200, ']')),
              HasSubstr("broken at 1: nested deeper than 100"));
  EXPECT_THAT(asJson(std::string(100000, '[')), HasSubstr("broken at"));
  for (const char* text : {"a: 1\n]", "{a: 1}}", "a: 1\n}", "[1] ]"})
    EXPECT_THAT(asJson(text), HasSubstr("broken at")) << text;
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

TEST(Yaml, SplitsJsonValuesThatFollowEachOther) {
  const auto chunks = splitStream("{\"a\": \"}\"}{\"b\": 2}\n\n[3]\nc: 4\n--- \n{d: 5}\n");
  std::vector<std::string> got;
  for (const YamlChunk& chunk : chunks) got.push_back(std::to_string(chunk.firstLine) + asJson(chunk.text));
  EXPECT_THAT(got, ElementsAre(R"(1{"a":"}"})", R"(1{"b":2})", "3[3]", R"(3{"c":4})", R"(6{"d":5})"));
}

TEST(Yaml, TakesTheLineBreaksOfYaml11) {
  for (const std::string end : {"\r", "\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9"}) {
    const auto chunks = splitStream("a: 1" + end + "---" + end + "# x" + end + "b: 2" + end);
    ASSERT_THAT(chunks, SizeIs(2)) << end;
    EXPECT_EQ(asJson(chunks[1].text), R"({"b":2})");
  }
  EXPECT_THAT(splitStream("{\"a\": \"x\xe2\x80\xa8---\"}"), SizeIs(1)) << "a character of a JSON string";
}

TEST(Yaml, DropsTheByteOrderMarkOfEachDocument) {
  const auto chunks = splitStream(
      "\xef\xbb\xbf"
      "a: 1\n---\n\xef\xbb\xbf"
      "b: 2\n---\n\xef\xbb\xbf{\"c\": 3}");
  ASSERT_THAT(chunks, SizeIs(3));
  EXPECT_EQ(asJson(chunks[1].text), R"({"b":2})");
  EXPECT_EQ(asJson(chunks[2].text), R"({"c":3})");
  EXPECT_THAT(asJson("a: 1\n\xef\xbb\xbf"
                     "b: 2\n"),
              HasSubstr("broken at 2: a byte order mark"));
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
