#include "rules/cluster/aggregation.hpp"

#include <gmock/gmock.h>

namespace errand::rules {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

api::LabelSelector withLabel(const std::string& key, const std::string& value) {
  api::LabelSelector out;
  out.matchLabels[key] = value;
  return out;
}

api::LabelSelector withRequirement(const std::string& key, const std::string& op,
                                   std::vector<std::string> values = {}) {
  api::LabelSelector out;
  out.matchExpressions.push_back({key, op, std::move(values)});
  return out;
}

// A role with one rule, whose resource is the role's name.
ObjectView role(const std::string& name, api::StringMap labels,
                std::vector<api::LabelSelector> selectors = {}) {
  ObjectView out;
  out.kind = "ClusterRole";
  out.name = name;
  out.labels = std::move(labels);
  if (selectors.empty())
    out.rules.push_back({{"example.com"}, {name}, {"get"}});
  else
    out.aggregation.emplace().selectors = std::move(selectors);
  return out;
}

std::vector<std::string> sources(const std::vector<AggregatedRule>& rules) {
  std::vector<std::string> out;
  for (const AggregatedRule& one : rules) out.push_back(one.from);
  return out;
}

std::vector<std::string> unknown(const Aggregation& aggregation) {
  std::vector<std::string> out;
  for (const UnknownRules& one : aggregation.unknown)
    out.push_back(one.role + "/" + std::to_string(one.selector) + (one.isOpen ? " open" : ""));
  return out;
}

TEST(AggregatedRoles, TakeTheRulesOfTheRolesThatAreSelected) {
  AggregatedRoles roles;
  roles.add(role("a", {{"to", "x"}}));
  roles.add(role("b", {{"to", "y"}, {"other", ""}}));
  roles.add(role("c", {{"to", "z"}}));
  const Aggregation found = roles.resolve("x", {withLabel("to", "x"), withRequirement("other", "Exists")});
  EXPECT_THAT(sources(found.rules), ElementsAre("a", "b"));
  EXPECT_EQ(found.rules[0].rule.resources, std::vector<std::string>{"a"});
  EXPECT_THAT(unknown(found), IsEmpty());
}

TEST(AggregatedRoles, AreFollowedOnceThroughOtherAggregatedRoles) {
  AggregatedRoles roles;
  roles.add(role("x", {{"to", "middle"}}, {withLabel("to", "x")}));
  roles.add(role("middle", {{"to", "x"}}, {withLabel("to", "middle")}));
  roles.add(role("leaf", {{"to", "middle"}}));
  EXPECT_THAT(sources(roles.resolve("x", {withLabel("to", "x")}).rules), ElementsAre("leaf"));
}

TEST(AggregatedRoles, NameTheSelectorsThatSelectNothing) {
  AggregatedRoles roles;
  roles.add(role("x", {{"to", "itself"}}, {withLabel("to", "itself")}));
  roles.add(role("middle", {{"to", "x"}}, {withLabel("to", "middle"), withLabel("to", "x")}));
  EXPECT_THAT(unknown(roles.resolve("x", {withLabel("to", "itself"), withLabel("to", "x")})),
              ElementsAre("x/0", "middle/0"));
  EXPECT_THAT(unknown(roles.resolve("y", {withRequirement("to", "Near", {"x"})})), ElementsAre("y/0 open"));
  EXPECT_THAT(unknown(roles.resolve("y", {})), ElementsAre("y/0"));
}

TEST(AggregatedRoles, NameTheSelectorsThatRequireNoLabel) {
  AggregatedRoles roles;
  roles.add(role("a", {}));
  for (const api::LabelSelector& open :
       {api::LabelSelector(), withRequirement("to", "DoesNotExist"), withRequirement("to", "NotIn", {"x"})}) {
    const Aggregation found = roles.resolve("x", {open});
    EXPECT_THAT(sources(found.rules), IsSupersetOf({"a", "cluster-admin"}));
    EXPECT_THAT(unknown(found), ElementsAre("x/0 open"));
  }
}

TEST(AggregatedRoles, KnowTheRolesOfEveryCluster) {
  const auto into = [](const char* name) {
    return withLabel(std::string("rbac.authorization.k8s.io/aggregate-to-") + name, "true");
  };
  const AggregatedRoles roles;
  EXPECT_THAT(sources(roles.resolve("x", {into("view")}).rules),
              ::testing::Each(std::string("system:aggregate-to-view")));
  const Aggregation admin = roles.resolve("x", {into("admin")});
  EXPECT_THAT(sources(admin.rules), IsSupersetOf({"system:aggregate-to-admin", "system:aggregate-to-edit",
                                                  "system:aggregate-to-view"}));
  EXPECT_THAT(admin.unknown, IsEmpty());
}

TEST(AggregatedRoles, OfFilesReplaceTheBuiltInOnes) {
  AggregatedRoles roles;
  const std::string label = "rbac.authorization.k8s.io/aggregate-to-view";
  roles.add(role("system:aggregate-to-view", {{label, "true"}}));
  const Aggregation found = roles.resolve("x", {withLabel(label, "true")});
  ASSERT_THAT(sources(found.rules), ElementsAre("system:aggregate-to-view"));
  EXPECT_EQ(found.rules[0].rule.groups, std::vector<std::string>{"example.com"});
}

TEST(AggregatedRoles, ExtendTheBuiltInRolesThatTheirLabelNames) {
  const auto extended = [](const std::string& into, std::initializer_list<const char*> files) {
    AggregatedRoles roles;
    roles.add(role("more", {{"rbac.authorization.k8s.io/aggregate-to-" + into, "true"}}));
    for (const char* name : files) roles.add(role(name, {}));
    std::vector<std::string> out;
    for (const auto& one : roles.extendedBuiltIns()) {
      out.push_back(one.name);
      EXPECT_THAT(sources(one.additions), ElementsAre("more"));
      EXPECT_GT(one.rules.size(), 1u) << "with those of Kubernetes";
    }
    return out;
  };
  EXPECT_THAT(extended("view", {}), ElementsAre("admin", "edit", "view"));
  EXPECT_THAT(extended("edit", {}), ElementsAre("admin", "edit"));
  EXPECT_THAT(extended("admin", {"view"}), ElementsAre("admin"));
  EXPECT_THAT(extended("nobody", {}), IsEmpty());
  EXPECT_THAT(extended("edit", {"edit"}), IsEmpty()) << "a file says what edit is";
}

}  // namespace
}  // namespace errand::rules
