// Checks of the objects that exist in a cluster, and their report as metrics and events.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "cli/findings/print.hpp"
#include "cli/report/publisher.hpp"

namespace errand::cli {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

LiveObject pod(const std::string& name, const std::string& owner, const json& spec = json::object()) {
  json object = {{"apiVersion", "v1"},
                 {"kind", "Pod"},
                 {"metadata", {{"name", name}, {"namespace", "agents"}}},
                 {"spec", {{"automountServiceAccountToken", false}, {"containers", {{{"name", "a"}}}}}}};
  object["spec"].update(spec);
  return {rules::readObject(object.dump()).value(), "agents", "v1", "uid-" + name, "1", owner};
}

const json kHostNetwork = {{"hostNetwork", true}};

LiveCluster worldOf(std::vector<LiveObject> objects) {
  LiveCluster out;
  out.objects = std::move(objects);
  out.namespaces = {"agents"};
  out.context.addNamespace("agents", {{"errand.dev/enforce", "true"}});
  return out;
}

TEST(Live, TellsPodsOfOneControllerOnce) {
  const Report found = checkCluster(
      worldOf({pod("web-1", "ReplicaSet web", kHostNetwork), pod("web-2", "ReplicaSet web", kHostNetwork),
               pod("web-3", "ReplicaSet other", kHostNetwork), pod("single", "", kHostNetwork)}),
      {});
  ASSERT_EQ(found.findings.size(), 3u);
  EXPECT_EQ(found.findings[0].object(), "Pod agents/single");
  EXPECT_EQ(found.findings[1].object(), "Pod agents/web-1 (and 1 more of ReplicaSet web)");
  EXPECT_EQ(found.findings[2].object(), "Pod agents/web-3");
  EXPECT_EQ(exitCode(found, rules::Severity::Critical), 1);
  EXPECT_EQ(json::parse(asJson(found))["findings"][1]["others"], 1);
}

// In a file, the field may be absent because the webhook adds it. Nothing adds it to an existing pod.
TEST(Live, FindsTheTokenThatAPodWasGivenBeforeItsNamespaceTookPart) {
  const Report found =
      checkCluster(worldOf({pod("old", "", {{"automountServiceAccountToken", nullptr}})}), {});
  ASSERT_EQ(found.findings.size(), 1u);
  EXPECT_EQ(found.findings[0].finding.rule, "SC101");
}

TEST(Live, ABindingOfTheClusterIsToAgentsWhereTheirNamespaceTakesPart) {
  const auto bound = [](const char* group) {
    const json object = {{"apiVersion", "rbac.authorization.k8s.io/v1"},
                         {"kind", "ClusterRoleBinding"},
                         {"metadata", {{"name", "b"}}},
                         {"roleRef", {{"kind", "ClusterRole"}, {"name", "view"}}},
                         {"subjects", {{{"kind", "Group"}, {"name", group}}}}};
    const LiveObject live{rules::readObject(object.dump()).value(), "", "v1", "uid", "1", ""};
    return checkCluster(worldOf({live}), {}).findings.size();
  };
  EXPECT_EQ(bound("system:serviceaccounts:agents"), 1u);
  EXPECT_EQ(bound("system:serviceaccounts:elsewhere"), 0u);
  EXPECT_EQ(bound("system:serviceaccounts"), 1u);
}

TEST(Live, TakesAPodOfAGrantAsItIs) {
  LiveObject running = pod("run", "", {{"serviceAccountName", "errand-g.0123456789abcdef0123"}});
  running.view.pod->labels["errand.dev/task-grant"] = "inc-1";
  EXPECT_THAT(checkCluster(worldOf({running}), {}).findings, IsEmpty()) << "its gate is open by now";
  running.view.pod->labels.clear();
  EXPECT_EQ(checkCluster(worldOf({running}), {}).findings.size(), 1u)
      << "but without a grant nobody runs as it";
}

TEST(Live, KindsThatAreNotInstalledAreOneLine) {
  LiveCluster cluster = worldOf({});
  EXPECT_THAT(checkCluster(cluster, {}).passed, IsEmpty());
  cluster.notInstalled = {"certificates.cert-manager.io", "externalsecrets.external-secrets.io"};
  const Report found = checkCluster(cluster, {});
  EXPECT_EQ(exitCode(found, rules::Severity::Critical), 0);
  EXPECT_THAT(asText(found),
              HasSubstr("kinds that are not installed: passed over: certificates.cert-manager.io, "
                        "externalsecrets.external-secrets.io\n"));
}

TEST(Live, ExitsWithTwoWhereSomethingCouldNotBeRead) {
  LiveCluster world = worldOf({});
  EXPECT_EQ(exitCode(checkCluster(world, {}), rules::Severity::Medium), 0);
  world.broken.push_back({"agents/secrets", 0, "forbidden"});
  const Report found = checkCluster(world, {});
  EXPECT_EQ(exitCode(found, rules::Severity::Medium), 2);
  EXPECT_THAT(asText(found), HasSubstr("agents/secrets: not read: forbidden"));
}

struct Sink : kube::EventSink {
  void record(kube::Event event) override { events.push_back(std::move(event)); }
  std::vector<kube::Event> events;
};

std::vector<std::string> toldBy(Sink& sink) {
  std::vector<std::string> out;
  for (const kube::Event& event : sink.events) out.push_back(event.regarding.name);
  sink.events.clear();
  return out;
}

TEST(ReportPublisher, TellsOfChangesAlone) {
  Sink sink;
  ReportPublisher publisher(sink);
  const auto one = checkCluster(worldOf({pod("a", "", kHostNetwork)}), {});
  publisher.publish(one, {});
  ASSERT_EQ(sink.events.size(), 1u);
  EXPECT_TRUE(sink.events[0].warning);
  EXPECT_THAT(sink.events[0].note, HasSubstr("[SC202] pod: hostNetwork is true"));
  EXPECT_THAT(toldBy(sink), ElementsAre("a"));
  publisher.publish(one, {});
  EXPECT_THAT(toldBy(sink), IsEmpty()) << "nothing is new";
  publisher.publish(checkCluster(worldOf({pod("a", "", {{"hostNetwork", true}, {"hostPID", true}}),
                                          pod("b", "", kHostNetwork)}),
                                 {}),
                    {});
  EXPECT_THAT(toldBy(sink), ElementsAre("a", "b"));
  publisher.publish(checkCluster(worldOf({}), {}), {});
  EXPECT_THAT(toldBy(sink), IsEmpty()) << "what went is not told";
  publisher.publish(one, {});
  EXPECT_THAT(toldBy(sink), ElementsAre("a")) << "and is new when it comes again";
}

TEST(ReportPublisher, CountsEachFindingAndForgetsThoseThatWent) {
  Sink sink;
  ReportPublisher publisher(sink);
  const auto gauge = [] {
    return metrics::gauge("errand_scan_findings",
                          "Findings of the last scan on what exists in enrolled namespaces.",
                          {{"rule", "SC202"}, {"severity", "Critical"}, {"namespace", "agents"}})
        .value();
  };
  publisher.publish(
      checkCluster(worldOf({pod("a", "Job x", kHostNetwork), pod("b", "Job x", kHostNetwork)}), {}), {});
  EXPECT_EQ(gauge(), 2);
  publisher.publish(checkCluster(worldOf({}), {}), {});
  EXPECT_EQ(gauge(), 0);
}

}  // namespace
}  // namespace errand::cli
