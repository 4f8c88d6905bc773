// The report of `scan` and `report`, as each format prints it.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "cli/findings/print.hpp"

namespace errand::cli {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const rules::Finding kFound{"SC109", "PGPASSWORD is a literal", "use a grant",
                            "/spec/template/spec/containers/0/env/0"};
constexpr const char* kPods = "Pod agents/web-1 (and 2 more of ReplicaSet web)";

class Formats : public ::testing::Test {
 protected:
  Report report_{.findings = {{.file = "dir/a b.yaml",
                               .line = 10,
                               .ns = "default",
                               .kind = "Deployment",
                               .name = "web",
                               .finding = kFound}},
                 .broken = {{"c.yaml", 1, "end of map not found"}},
                 .places = 2,
                 .objects = 1};
  Report cluster_{.source = Source::Cluster,
                  .findings = {{.ns = "agents",
                                .kind = "Pod",
                                .name = "web-1",
                                .owner = "ReplicaSet web",
                                .others = 2,
                                .finding = kFound}},
                  .broken = {{"agents/secrets", 0, "forbidden"}},
                  .places = 1,
                  .objects = 3};
};

TEST_F(Formats, SarifNamesRuleFileAndLine) {
  const json sarif = json::parse(asSarif(report_));
  EXPECT_EQ(sarif["version"], "2.1.0");
  const json& run = sarif["runs"][0];
  const json& result = run["results"][0];
  EXPECT_EQ(result["ruleId"], "SC109");
  EXPECT_EQ(run["tool"]["driver"]["rules"][result["ruleIndex"].get<size_t>()]["id"], "SC109");
  const json& place = result["locations"][0]["physicalLocation"];
  EXPECT_EQ(place["artifactLocation"]["uri"], "dir/a%20b.yaml");
  EXPECT_EQ(place["region"]["startLine"], 10);
  EXPECT_EQ(run["invocations"][0]["executionSuccessful"], false);
}

// A reader of the report would take `a` for a scheme (RFC 3986, section 4.2).
TEST_F(Formats, AColonInTheFirstSegmentOfAFileIsNoSchemeInSarif) {
  for (const auto& [file, uri] :
       std::vector<std::pair<std::string, std::string>>{{"a:b.yaml", "./a:b.yaml"},
                                                        {"a:b/c.yaml", "./a:b/c.yaml"},
                                                        {"./a:b.yaml", "./a:b.yaml"},
                                                        {"dir/a:b.yaml", "dir/a:b.yaml"},
                                                        {"/a:b.yaml", "/a:b.yaml"},
                                                        {"a.yaml", "a.yaml"}}) {
    report_.findings.front().file = file;
    const json sarif = json::parse(asSarif(report_));
    const json& place = sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    EXPECT_EQ(place["artifactLocation"]["uri"], uri) << file;
  }
}

TEST_F(Formats, EachNamesTheFindingAndWhatCouldNotBeRead) {
  for (const OutputFormat& format : outputFormats()) {
    EXPECT_THAT(format.print(report_), AllOf(HasSubstr("SC109"), HasSubstr("c.yaml"))) << format.name;
    EXPECT_THAT(format.print(cluster_),
                AllOf(HasSubstr("SC109"), HasSubstr("agents"), HasSubstr("web-1"), HasSubstr("forbidden")))
        << format.name;
  }
}

TEST_F(Formats, InAClusterTheObjectIsThePlace) {
  EXPECT_THAT(asText(cluster_), AllOf(StartsWith("OBJECT "), HasSubstr(std::string(kPods) + "  SC109  "),
                                      HasSubstr("agents/secrets: not read: forbidden"),
                                      EndsWith("1 finding on 3 objects of 1 namespace\n")));
  EXPECT_THAT(asGithub(cluster_),
              AllOf(HasSubstr(std::string("title=SC109::") + kPods + ": "), Not(HasSubstr("file="))));
  const json result = json::parse(asSarif(cluster_))["runs"][0]["results"][0];
  EXPECT_EQ(result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"], kPods);
  const json printed = json::parse(asJson(cluster_));
  EXPECT_EQ(printed["namespaces"], 1);
  EXPECT_EQ(printed["findings"][0]["namespace"], "agents");
  EXPECT_EQ(printed["findings"][0]["others"], 2);
  EXPECT_EQ(printed["broken"][0]["what"], "agents/secrets");
}

TEST_F(Formats, TheExitCodeCountsFindingsOfTheLevel) {
  EXPECT_EQ(exitCode(report_, rules::Severity::Critical), 2) << "something could not be read";
  report_.broken.clear();
  cluster_.broken.clear();
  for (const Report& report : {report_, cluster_}) {
    EXPECT_EQ(exitCode(report, rules::Severity::High), 1);
    EXPECT_EQ(exitCode(report, rules::Severity::Critical), 0);
  }
}

TEST_F(Formats, JsonAndTextSayWhere) {
  EXPECT_EQ(json::parse(asJson(report_))["findings"][0]["path"], "/spec/template/spec/containers/0/env/0");
  EXPECT_THAT(asText(report_), HasSubstr("dir/a b.yaml:10"));
  EXPECT_THAT(asGithub(report_), HasSubstr("::error file=dir/a b.yaml,line=10,title=SC109::"));
}

}  // namespace
}  // namespace errand::cli
