// tests/rules/<ID>/{allow,deny}/*.yaml: each through both halves, as the API
// server would send it, and as the scanner reads it; and that catalogue, cases
// and pages name the same rules.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "rules/catalogue/page.hpp"
#include "rules/catalogue/rule.hpp"
#include "tests/unit/rules/literals/sample.hpp"
#include "tests/unit/rules/yaml.hpp"
#include "tests/unit/webhook/clusterfixture.hpp"

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
  ClusterFixture world;
  json subject;
  bool hasGrant = false;

  bool isPod() const { return subject["kind"] == "Pod"; }
};

Case load(const std::string& text) {
  Case out;
  for (const YAML::Node& document : YAML::LoadAll(expand(text))) {
    json object = toJson(document);
    object["metadata"]["namespace"] = "agents";
    if (object["kind"] != "TaskGrant" && object["kind"] != "AgentIdentity") {
      out.subject = std::move(object);
      continue;
    }
    if (object["kind"] == "TaskGrant") {
      out.hasGrant = true;
      object["metadata"]["uid"] = kGrantUid;
      object["status"]["serviceAccount"] = {{"name", api::grantAccountName(kGrantUid)},
                                            {"uid", "account-uid"}};
    }
    out.world.add(object);
  }
  return out;
}

// The verdict on the pod's creation or, where the case has ephemeral
// containers, on the update that adds them to a pod that is allowed.
Reply verdict(const Case& c) {
  if (!c.isPod()) return ask(Path::Validate, objectAdmission(c.subject, "alice"), c.world);
  json pod = c.subject;
  pod["spec"].erase("ephemeralContainers");
  if (!pod["spec"].contains("automountServiceAccountToken")) pod = withApiVolume(pod);
  Reply mutated = ask(Path::Mutate, admission(pod, "alice"), c.world);
  if (!mutated.allowed()) return mutated;
  pod = pod.patch(mutated.patch());
  Reply created = ask(Path::Validate, admission(pod, "alice"), c.world);
  if (!c.subject["spec"].contains("ephemeralContainers")) return created;
  EXPECT_TRUE(created.allowed()) << created.message();
  json updated = pod;
  updated["spec"]["ephemeralContainers"] = c.subject["spec"]["ephemeralContainers"];
  return ask(Path::Validate, admission(updated, "alice", "UPDATE", "ephemeralcontainers", pod), c.world);
}

// As `kubectl-errand scan` checks it.
Verdict inFile(const Case& c, const json& object) {
  return evaluate(readObject(object.dump()).value(), {"agents", "", c.world, kSettings}, CheckStage::InFile);
}

bool finds(const Verdict& verdict, std::string_view id) {
  return std::ranges::find(verdict.findings, id, &Finding::rule) != verdict.findings.end();
}

// The pod as the template of each kind that makes pods, and where that is.
std::vector<std::pair<json, std::string>> workloadsOf(const json& pod) {
  json plain = pod;
  plain["spec"].erase("ephemeralContainers");
  const json pattern = {{"metadata", plain["metadata"]}, {"spec", plain["spec"]}};
  std::vector<std::pair<json, std::string>> out;
  const auto add = [&](const char* apiVersion, const char* kind, const std::string& path) {
    json object = {
        {"apiVersion", apiVersion}, {"kind", kind}, {"metadata", {{"name", "w"}, {"namespace", "agents"}}}};
    object[json::json_pointer(path)] = pattern;
    out.emplace_back(std::move(object), path);
  };
  for (const char* kind : {"DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"})
    add("apps/v1", kind, "/spec/template");
  add("batch/v1", "Job", "/spec/template");
  add("batch/v1", "CronJob", "/spec/jobTemplate/spec/template");
  add("v1", "ReplicationController", "/spec/template");
  add("v1", "PodTemplate", "/template");
  add("example.com/v1", "Rollout", "/spec/template");
  return out;
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

// Only a policy implements some rules. Their cases run in a cluster.
bool isCode(const Rule& rule) { return !rule.stages().isWithin(rule.guarded); }

TEST_P(RuleCases, AllowWhatTheRuleAllows) {
  const auto files = filesIn(kCases / GetParam()->id / "allow");
  EXPECT_FALSE(files.empty());
  if (!isCode(*GetParam())) return;
  for (const fs::path& file : files) {
    const Case c = load(readFile(file));
    const Reply reply = verdict(c);
    EXPECT_TRUE(reply.allowed()) << file << ": " << reply.message();
    EXPECT_FALSE(finds(inFile(c, c.subject), GetParam()->id)) << file;
    if (!c.isPod()) continue;
    for (const auto& [workload, path] : workloadsOf(c.subject))
      EXPECT_FALSE(finds(inFile(c, workload), GetParam()->id)) << file << " " << workload["kind"];
  }
}

TEST_P(RuleCases, DenyWithTheMessageOfTheFirstLine) {
  const auto files = filesIn(kCases / GetParam()->id / "deny");
  EXPECT_FALSE(files.empty());
  for (const fs::path& file : files) {
    const std::string text = readFile(file);
    ASSERT_EQ(text.substr(0, 2), "# ") << file << " does not say what to expect";
    if (!isCode(*GetParam())) continue;
    const std::string expected = text.substr(2, text.find('\n') - 2);
    const Case c = load(text);
    if (GetParam()->stages().isWithin(kScanStages)) {
      const Verdict found = inFile(c, c.subject);
      ASSERT_TRUE(finds(found, GetParam()->id)) << file;
      EXPECT_THAT(found.findings.front().message(), HasSubstr(expected)) << file;
      continue;
    }
    const Reply reply = verdict(c);
    EXPECT_FALSE(reply.allowed()) << file;
    EXPECT_THAT(reply.outcome.ruleIds, Contains(GetParam()->id)) << file;
    EXPECT_THAT(reply.message(), HasSubstr(expected)) << file;
  }
}

// The offline scan finds what the cluster rejects, with the path of the field. It
// finds it in the object and in every kind that would create such pods.
TEST_P(RuleCases, AreFoundInFilesAndInEveryWorkload) {
  for (const fs::path& file : filesIn(kCases / GetParam()->id / "deny")) {
    const Case c = load(readFile(file));
    // Some findings need a completed pod, an identity that may be created later, or an update. Only the pod
    // itself can have them.
    if (!isCode(*GetParam()) || c.hasGrant || file.stem() == "unknown-agent" ||
        file.stem() == "unknown-grant" || c.subject.contains("/spec/ephemeralContainers"_json_pointer))
      continue;
    const Verdict found = inFile(c, c.subject);
    EXPECT_TRUE(finds(found, GetParam()->id)) << file;
    std::set<std::string> told;
    for (const Finding& finding : found.findings) {
      EXPECT_TRUE(told.insert(finding.message() + finding.path).second) << file << " is told twice";
      EXPECT_TRUE(c.subject.contains(json::json_pointer(finding.path))) << file << " " << finding.path;
    }
    if (!c.isPod()) continue;
    for (const auto& [workload, path] : workloadsOf(c.subject)) {
      const Reply reply = ask(Path::Validate, objectAdmission(workload, "alice"), c.world);
      EXPECT_THAT(reply.outcome.ruleIds, Contains(GetParam()->id)) << file << " " << workload["kind"];
      for (const Finding& finding : inFile(c, workload).findings) {
        EXPECT_TRUE(finding.path.starts_with(path)) << finding.path;
        EXPECT_TRUE(workload.contains(json::json_pointer(finding.path))) << file << " " << finding.path;
      }
    }
  }
}

// Print them again with: kubectl-errand rules --markdown docs/rules
TEST_P(RuleCases, HaveThePageThatTheToolPrints) {
  EXPECT_EQ(readFile(kSource / "docs/rules" / (std::string(GetParam()->id) + ".md")), pageOf(*GetParam()));
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
  EXPECT_EQ(readFile(kSource / "docs/rules/README.md"), indexPage());
  EXPECT_TRUE(std::ranges::is_sorted(catalogue(), {}, &Rule::id));
}

}  // namespace
}  // namespace errand::webhook
