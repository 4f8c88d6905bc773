// How many documented credentials the rules find, and how many look-alikes (corpus/README.md).
#include <gtest/gtest.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "rules/catalogue/rule.hpp"
#include "rules/cluster/memoryclusterstate.hpp"
#include "tests/unit/rules/literals/corpus.hpp"

namespace errand::rules {
namespace {

using nlohmann::json;

constexpr unsigned kSeeds = 3;
constexpr double kLeastRecall = 0.95;
constexpr double kMostFalsePositives = 0.02;

bool isFound(const json& object) {
  static const MemoryClusterState cluster;
  static const RuleSettings settings;
  const auto read = readObject(object.dump());
  if (!read) {
    ADD_FAILURE() << object.dump();
    return false;
  }
  for (const Finding& finding :
       evaluate(*read, {"agents", "", cluster, settings}, CheckStage::InFile).findings)
    if (finding.rule == "SC108" || finding.rule == "SC109") return true;
  return false;
}

json podWith(const json& container) {
  json whole = container;
  whole["name"] = "app";
  whole["image"] = "localhost/app:1";
  return {{"apiVersion", "v1"},
          {"kind", "Pod"},
          {"metadata", {{"name", "subject"}, {"namespace", "agents"}}},
          {"spec", {{"automountServiceAccountToken", false}, {"containers", {whole}}}}};
}

bool isFoundInPod(const std::string& name, const std::string& value) {
  if (name == "COMMAND")
    return isFound(podWith({{"args", wordsOf(value)}})) ||
           isFound(podWith({{"command", {"sh", "-c", value}}}));
  json env = json::array();
  env.push_back({{"name", name}, {"value", value}});
  return isFound(podWith({{"env", env}}));
}

bool isFoundInConfigMap(const std::string& name, const std::string& value) {
  return isFound({{"apiVersion", "v1"},
                  {"kind", "ConfigMap"},
                  {"metadata", {{"name", "subject"}, {"namespace", "agents"}}},
                  {"data", {{name, value}}}});
}

// Counts the cases of a file and prints those that come out otherwise than expected.
class Tally {
 public:
  explicit Tally(bool expected) : expected_(expected) {}

  void add(const std::string& what, bool found) {
    ++all_;
    found_ += found;
    if (found != expected_) std::cout << (expected_ ? "  missed: " : "  found: ") << what << "\n";
  }
  double share(const std::string& of) const {
    const double out = static_cast<double>(found_) / static_cast<double>(all_);
    std::cout << of << ": " << found_ << " of " << all_ << " found (" << 100 * out << " %)\n";
    return out;
  }

 private:
  const bool expected_;
  size_t all_ = 0, found_ = 0;
};

TEST(Corpus, FindsTheValuesThatIssuersDocument) {
  Tally pods(true), configMaps(true);
  for (const auto& row : corpusRows("formats.tsv")) {
    ASSERT_EQ(row.size(), 4u) << row[0];
    for (unsigned seed = 1; seed <= kSeeds; ++seed) {
      const std::string value = makeValue(row[2], seed);
      pods.add(row[0], isFoundInPod(row[1], value));
      if (row[1] != "COMMAND") configMaps.add(row[0] + " in a ConfigMap", isFoundInConfigMap(row[1], value));
    }
  }
  EXPECT_GE(pods.share("values in pods"), kLeastRecall);
  EXPECT_GE(configMaps.share("values in ConfigMaps"), kLeastRecall);
}

TEST(Corpus, FindsTheVariablesThatImagesDocument) {
  Tally pods(true), configMaps(true);
  for (const auto& row : corpusRows("names.tsv")) {
    ASSERT_EQ(row.size(), 2u) << row[0];
    pods.add(row[0], isFoundInPod(row[0], "hunter2plain"));
    configMaps.add(row[0] + " in a ConfigMap", isFoundInConfigMap(row[0], "hunter2plain"));
  }
  EXPECT_GE(pods.share("names in pods"), kLeastRecall);
  EXPECT_GE(configMaps.share("names in ConfigMaps"), kLeastRecall);
}

TEST(Corpus, PassesNearMisses) {
  Tally pods(false), configMaps(false);
  for (const auto& row : corpusRows("near_misses.tsv")) {
    ASSERT_EQ(row.size(), 3u) << row[0];
    for (unsigned seed = 1; seed <= kSeeds; ++seed) {
      const std::string value = makeValue(row[2], seed), what = row[0] + " " + row[1] + " " + row[2];
      pods.add(what, isFoundInPod(row[1], value));
      if (row[1].find('/') == std::string::npos && row[1] != "COMMAND")
        configMaps.add(what + " in a ConfigMap", isFoundInConfigMap(row[1], value));
    }
  }
  EXPECT_LE(pods.share("near misses in pods"), kMostFalsePositives);
  EXPECT_LE(configMaps.share("near misses in ConfigMaps"), kMostFalsePositives);
}

TEST(Corpus, IsLargeEnough) {
  EXPECT_GE(corpusRows("formats.tsv").size() + corpusRows("names.tsv").size(), 800u);
  EXPECT_GE(corpusRows("near_misses.tsv").size(), 300u);
}

}  // namespace
}  // namespace errand::rules
