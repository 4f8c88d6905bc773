// tests/rules/<ID>/{allow,deny}/*.yaml: each through both halves, as the API
// server would send it; and that catalogue, cases and pages name the same rules.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "tests/unit/webhook/literals/sample.hpp"
#include "tests/unit/webhook/world.hpp"
#include "tests/unit/webhook/yaml.hpp"
#include "webhook/rules/rule.hpp"

namespace errand::webhook {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::HasSubstr;

const fs::path kSource = ERRAND_SOURCE_DIR;
const fs::path kCases = kSource / "tests/rules";

std::string readFile(const fs::path& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

struct Case {
  World world;
  json pod;
};

Case load(const std::string& text) {
  Case out;
  for (const YAML::Node& document : YAML::LoadAll(expand(text))) {
    json object = toJson(document);
    object["metadata"]["namespace"] = "agents";
    if (object["kind"] == "Pod") {
      out.pod = std::move(object);
      continue;
    }
    if (object["kind"] == "TaskGrant") {
      object["metadata"]["uid"] = kGrantUid;
      object["status"]["serviceAccountName"] = api::grantAccountName(kGrantUid);
    }
    out.world.add(object);
  }
  return out;
}

// The verdict on the pod's creation or, where the case has ephemeral
// containers, on the update that adds them to a pod that is allowed.
Reply verdict(const Case& c) {
  const Views views = c.world.views();
  json pod = c.pod;
  pod["spec"].erase("ephemeralContainers");
  if (!pod["spec"].contains("automountServiceAccountToken")) pod = withApiVolume(pod);
  Reply mutated = ask(Path::Mutate, admission(pod, "alice"), views);
  if (!mutated.allowed()) return mutated;
  pod = pod.patch(mutated.patch());
  Reply created = ask(Path::Validate, admission(pod, "alice"), views);
  if (!c.pod["spec"].contains("ephemeralContainers")) return created;
  EXPECT_TRUE(created.allowed()) << created.message();
  json updated = pod;
  updated["spec"]["ephemeralContainers"] = c.pod["spec"]["ephemeralContainers"];
  return ask(Path::Validate, admission(updated, "alice", "UPDATE", "ephemeralcontainers", pod), views);
}

std::vector<fs::path> filesIn(const fs::path& directory) {
  std::vector<fs::path> out;
  if (fs::is_directory(directory))
    for (const auto& entry : fs::directory_iterator(directory))
      if (entry.path().extension() == ".yaml") out.push_back(entry.path());
  std::ranges::sort(out);
  return out;
}

class RuleCases : public ::testing::TestWithParam<const Rule*> {};

TEST_P(RuleCases, AllowWhatTheRuleAllows) {
  const auto files = filesIn(kCases / GetParam()->id / "allow");
  EXPECT_FALSE(files.empty());
  for (const fs::path& file : files) {
    const Reply reply = verdict(load(readFile(file)));
    EXPECT_TRUE(reply.allowed()) << file << ": " << reply.message();
  }
}

TEST_P(RuleCases, DenyWithTheMessageOfTheFirstLine) {
  const auto files = filesIn(kCases / GetParam()->id / "deny");
  EXPECT_FALSE(files.empty());
  for (const fs::path& file : files) {
    const std::string text = readFile(file);
    ASSERT_EQ(text.substr(0, 2), "# ") << file << " does not say what to expect";
    const Reply reply = verdict(load(text));
    EXPECT_FALSE(reply.allowed()) << file;
    EXPECT_THAT(reply.outcome.ruleIds, Contains(GetParam()->id)) << file;
    EXPECT_THAT(reply.message(), HasSubstr(text.substr(2, text.find('\n') - 2))) << file;
  }
}

// The page says what the tool itself says.
TEST_P(RuleCases, HaveAPageWithTheRulesOwnWords) {
  const Rule& rule = *GetParam();
  std::string page = readFile(kSource / "docs/rules" / (std::string(rule.id) + ".md"));
  std::ranges::replace(page, '\n', ' ');
  EXPECT_THAT(page, HasSubstr("# " + std::string(rule.id) + " " + std::string(rule.slug)));
  for (const std::string_view part : {rule.title, rule.why, rule.fix, toString(rule.severity)})
    EXPECT_THAT(page, HasSubstr(std::string(part)));
  for (const std::string_view tag : rule.tags) EXPECT_THAT(page, HasSubstr(std::string(tag)));
}

INSTANTIATE_TEST_SUITE_P(Catalogue, RuleCases, ::testing::ValuesIn(catalogue().begin(), catalogue().end()),
                         [](const auto& tested) { return std::string(tested.param->id); });

TEST(Catalogue, NamesTheSameRulesAsCasesAndPages) {
  std::set<std::string> rules, cases, pages;
  for (const Rule* rule : catalogue()) {
    EXPECT_TRUE(rules.emplace(rule->id).second) << rule->id << " stands twice";
    EXPECT_FALSE(rule->tags.empty()) << rule->id;
    EXPECT_FALSE(rule->title.ends_with('.') || rule->fix.ends_with('.')) << rule->id;
  }
  for (const auto& entry : fs::directory_iterator(kCases)) cases.insert(entry.path().filename());
  for (const auto& entry : fs::directory_iterator(kSource / "docs/rules"))
    if (entry.path().filename() != "README.md") pages.insert(entry.path().stem());
  EXPECT_EQ(rules, cases);
  EXPECT_EQ(rules, pages);
  EXPECT_TRUE(std::ranges::is_sorted(catalogue(), {}, &Rule::id));
}

}  // namespace
}  // namespace errand::webhook
