// Defaults that the API server adds are not a difference. Any other difference counts.
#include "operator/guards/spec.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "operator/guards/shipped.hpp"

namespace errand::guards {
namespace {

using nlohmann::json;

std::string differ(std::string_view kind, const char* shipped, const char* stored) {
  return difference(kind, normalised(kind, json::parse(shipped)), normalised(kind, json::parse(stored)));
}

constexpr const char* kWritten = R"({"matchConstraints": {"resourceRules": [
  {"apiGroups": [""], "resources": ["pods"], "operations": ["CREATE"]}]}, "validations": [{"expression": "false"}]})";
constexpr const char* kStored = R"({"failurePolicy": "Fail", "matchConstraints": {"matchPolicy": "Equivalent",
  "namespaceSelector": {}, "objectSelector": {}, "resourceRules": [
  {"apiGroups": [""], "resources": ["pods"], "operations": ["CREATE"], "scope": "*"}]},
  "validations": [{"expression": "false"}]})";

TEST(GuardSpecTest, TheDefaultsOfTheApiAreNoDifference) {
  EXPECT_EQ(differ(kPolicy, kWritten, kStored), "");
  EXPECT_EQ(differ(kPolicy, kStored, kWritten), "");
  EXPECT_EQ(differ(kBinding, R"({"policyName": "p", "validationActions": ["Deny"]})",
                   R"({"policyName": "p", "validationActions": ["Deny"], "matchResources":
                       {"matchPolicy": "Equivalent", "namespaceSelector": {}, "objectSelector": {}}})"),
            "");
  const char* webhooks = R"([{"name": "w", "clientConfig": {"service": {"name": "s", "port": 443}},
    "rules": [{"resources": ["pods"], "scope": "Namespaced"}], "timeoutSeconds": 5}])";
  EXPECT_EQ(differ(kMutating, webhooks,
                   R"([{"name": "w", "clientConfig": {"service": {"name": "s"}, "caBundle": "Zg=="},
    "rules": [{"resources": ["pods"], "scope": "Namespaced"}], "timeoutSeconds": 5, "failurePolicy": "Fail",
    "matchPolicy": "Equivalent", "namespaceSelector": {}, "objectSelector": {}, "reinvocationPolicy": "Never"}])"),
            "");
}

// Each of these takes something away from the guard.
TEST(GuardSpecTest, AnythingElseIsADifferenceWithItsPath) {
  const auto changed = [](std::string_view kind, const char* written, const char* pointer,
                          const json& value) {
    json stored = json::parse(written);
    stored[json::json_pointer(pointer)] = value;
    return difference(kind, normalised(kind, json::parse(written)), normalised(kind, stored));
  };
  EXPECT_EQ(changed(kPolicy, kStored, "/failurePolicy", "Ignore"), "spec.failurePolicy");
  EXPECT_EQ(changed(kPolicy, kStored, "/validations/0/expression", "true"), "spec.validations[0].expression");
  EXPECT_EQ(changed(kPolicy, kStored, "/validations", json::array()), "spec.validations");
  EXPECT_EQ(changed(kPolicy, kStored, "/matchConditions", {{{"name", "never"}, {"expression", "false"}}}),
            "spec.matchConditions");
  EXPECT_EQ(changed(kPolicy, kStored, "/matchConstraints/matchPolicy", "Exact"),
            "spec.matchConstraints.matchPolicy");
  EXPECT_EQ(changed(kPolicy, kStored, "/matchConstraints/resourceRules/0/scope", "Cluster"),
            "spec.matchConstraints.resourceRules[0].scope");
  EXPECT_EQ(changed(kPolicy, kStored, "/matchConstraints/excludeResourceRules", {{{"resources", {"pods"}}}}),
            "spec.matchConstraints.excludeResourceRules");
  EXPECT_EQ(changed(kPolicy, kStored, "/matchConstraints/namespaceSelector", {{"matchLabels", {{"a", "b"}}}}),
            "spec.matchConstraints.namespaceSelector");
  const char* binding = R"({"policyName": "p", "validationActions": ["Deny"]})";
  EXPECT_EQ(changed(kBinding, binding, "/validationActions", {"Audit"}), "spec.validationActions[0]");
  EXPECT_EQ(
      changed(kBinding, binding, "/matchResources", {{"objectSelector", {{"matchLabels", {{"a", "b"}}}}}}),
      "spec.matchResources");
  EXPECT_EQ(differ(kValidating, R"([{"name": "w"}])", "[]"), "webhooks");
  EXPECT_EQ(differ(kValidating, R"([{"name": "w"}])", R"([{"name": "w", "failurePolicy": "Ignore"}])"),
            "webhooks[0].failurePolicy");
}

// A label may have the name and the value of a default. Inside a selector it is not a default.
TEST(GuardSpecTest, ALabelThatLooksLikeADefaultIsADifference) {
  const char* selects = R"({"failurePolicy": "Fail", "matchConstraints": {"objectSelector":
    {"matchLabels": {"failurePolicy": "Fail", "matchPolicy": "Equivalent"}}, "resourceRules": [
    {"apiGroups": [""], "resources": ["pods"], "operations": ["CREATE"], "scope": "*"}]},
    "validations": [{"expression": "false"}]})";
  EXPECT_EQ(differ(kPolicy, kWritten, selects), "spec.matchConstraints.objectSelector");
}

TEST(GuardSpecTest, WhatIsStoredOfAnyShapeIsComparedAndNothingMore) {
  for (const char* odd : {"null", "[]", "3", R"("x")", "{}", R"({"matchConstraints": 1})"})
    EXPECT_NE(differ(kPolicy, kWritten, odd), "") << odd;
  for (const char* odd : {"null", "{}", "[1]", R"([{"clientConfig": 1, "rules": 1}])"})
    EXPECT_NE(differ(kMutating, R"([{"name": "w"}])", odd), "") << odd;
}

TEST(ShippedTest, TheNamespaceIsTheInstallations) {
  const Specs here = shipped("errand-system"), there = shipped("elsewhere");
  ASSERT_EQ(here.size(), there.size());
  ASSERT_TRUE(here.contains(Id{std::string(kBinding), "errand-status-tampering"}));
  const Id policy{std::string(kPolicy), "errand-status-tampering"};
  EXPECT_NE(here.at(policy).dump().find("system:serviceaccount:errand-system:errand-operator"),
            std::string::npos);
  for (const auto& [id, spec] : there)
    EXPECT_EQ(spec.dump().find("errand-system"), std::string::npos) << id.name;
  const Id mutating{std::string(kMutating), "errand"};
  EXPECT_EQ(there.at(mutating)[0]["clientConfig"]["service"]["namespace"], "elsewhere");
}

TEST(ShippedTest, AWebhookBesideTheClusterIsCalledByItsUrl) {
  const Specs specs = shipped("errand-system", "https://127.0.0.1:14000");
  EXPECT_EQ(specs.at(Id{std::string(kMutating), "errand"})[0]["clientConfig"],
            json({{"url", "https://127.0.0.1:14000/mutate"}}));
  for (const json& webhook : specs.at(Id{std::string(kValidating), "errand"}))
    EXPECT_EQ(webhook["clientConfig"], json({{"url", "https://127.0.0.1:14000/validate"}}));
}

}  // namespace
}  // namespace errand::guards
