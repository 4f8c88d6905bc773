#include "core/api/comparable.hpp"

#include <gtest/gtest.h>

#include "core/json/node.hpp"

namespace errand::api {
namespace {

std::string textOf(std::string (*compare)(const JsonNode&), std::string_view json) {
  const auto document = JsonDocument::parse(json).value();
  JsonNode::Failure failure;
  return compare(JsonNode(document, failure));
}
std::string job(std::string_view json) { return textOf(comparableJobTemplate, json); }
std::string rules(std::string_view json) { return textOf(comparableRules, json); }

TEST(Comparable, AQueueSetsWhereTheTemplateRuns) {
  const std::string before = job(R"({"metadata":{"labels":{"app":"bot"}},"spec":{"containers":[]}})");
  for (
      const char* const same :
      {R"({"spec":{"containers":[],"nodeSelector":{"a":"b"}},"metadata":{"labels":{"app":"bot"}}})",
       R"({"metadata":{"labels":{"app":"bot"}},"spec":{"tolerations":[{}],"affinity":{},"containers":[],)"
       R"("schedulingGates":[{"name":"kueue.x-k8s.io/topology"}]}})",
       R"({"metadata":{"annotations":{"kueue.x-k8s.io/workload":"w"},"labels":{"app":"bot","k8s.io/a":"b"}},)"
       R"("spec":{"containers":[]}})"})
    EXPECT_EQ(job(same), before) << same;
}

TEST(Comparable, EveryOtherChangeOfAJobsTemplateCounts) {
  const std::string before = job(R"({"metadata":{"labels":{"app":"bot"}},"spec":{"containers":[]}})");
  for (const char* const other :
       {R"({"metadata":{"labels":{"app":"bot"}},"spec":{"containers":[{"name":"a"}]}})",
        R"({"metadata":{"labels":{"app":"bot"}},"spec":{"containers":[],"nodeName":"n"}})",
        R"({"metadata":{"labels":{"app":"bot","notk8s.io/a":"b"}},"spec":{"containers":[]}})",
        R"({"metadata":{"labels":{"app":"bot","errand.dev/task-grant":"x"}},"spec":{"containers":[]}})",
        R"({"metadata":{"labels":{"app":"bot","k8s.io":"x"}},"spec":{"containers":[]}})",
        R"({"metadata":{"annotations":{"app":"bot"}},"spec":{"containers":[]}})",
        R"({"metadata":{"labels":{"app":"bot"},"name":"x"},"spec":{"containers":[]}})",
        R"({"metadata":{"labels":[],"annotations":{"app":"bot"}},"spec":{"containers":[]}})", R"({})"})
    EXPECT_NE(job(other), before) << other;
}

TEST(Comparable, TheOrderOfRulesMeansNothing) {
  const std::string before =
      rules(R"({"rules":[{"apiGroups":[""],"resources":["a","b"],"verbs":["get","list"]},)"
            R"({"apiGroups":["apps"],"resources":["c"],"verbs":["get"],"resourceNames":["x","y"]}]})");
  EXPECT_EQ(
      rules(
          R"({"rules":[{"verbs":["get","get"],"apiGroups":["apps"],"resources":["c"],)"
          R"("resourceNames":["y","x"]},{"apiGroups":[""],"resources":["b","a"],"verbs":["list","get"]}]})"),
      before);
  for (const char* const other :
       {R"({"rules":[]})", R"({})",
        R"({"rules":[{"apiGroups":[""],"resources":["a","b"],"verbs":["get","list"]}]})",
        R"({"rules":[{"apiGroups":[""],"resources":["a"],"verbs":["get","list"]},)"
        R"({"apiGroups":["apps"],"resources":["c","b"],"verbs":["get"],"resourceNames":["x","y"]}]})",
        R"({"rules":[{"apiGroups":[""],"resources":["a b"],"verbs":["get","list"]},)"
        R"({"apiGroups":["apps"],"resources":["c"],"verbs":["get"],"resourceNames":["x","y"]}]})"})
    EXPECT_NE(rules(other), before) << other;
}

}  // namespace
}  // namespace errand::api
