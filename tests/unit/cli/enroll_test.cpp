#include "cli/enroll/manifests.hpp"

#include <gmock/gmock.h>
#include <yaml-cpp/yaml.h>

#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/command/suggest.hpp"

namespace errand::cli {
namespace {

using Json = nlohmann::ordered_json;
using ::testing::HasSubstr;

EnrolSpec spec(const std::vector<std::string>& roles = {}) {
  EnrolSpec out;
  out.ns = "agents";
  for (const std::string& role : roles) EXPECT_TRUE(addRole(out, role)) << role;
  return out;
}

std::string dump(const std::string& file) {
  std::ifstream in(std::string(ERRAND_SOURCE_DIR) + "/manifests/namespace/" + file);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// By kind and name, each as YAML prints it with sorted keys.
std::map<std::string, std::string> byName(const std::vector<YAML::Node>& documents) {
  std::map<std::string, std::string> out;
  const std::function<std::string(const YAML::Node&)> flat = [&](const YAML::Node& node) -> std::string {
    if (node.IsMap()) {
      std::map<std::string, std::string> sorted;
      for (const auto& pair : node) sorted[pair.first.as<std::string>()] = flat(pair.second);
      std::string text = "{";
      for (const auto& [key, value] : sorted) text += key + ":" + value + ",";
      return text + "}";
    }
    if (node.IsSequence()) {
      std::string text = "[";
      for (const auto& item : node) text += flat(item) + ",";
      return text + "]";
    }
    return node.IsNull() ? "null" : node.as<std::string>();
  };
  for (const YAML::Node& document : documents)
    if (document.IsMap())
      out[document["kind"].as<std::string>() + "/" + document["metadata"]["name"].as<std::string>()] =
          flat(document);
  return out;
}

TEST(Enroll, PrintsWhatTheManifestsHave) {
  std::vector<YAML::Node> shipped;
  for (const char* file : {"namespace.yaml", "rolebinding.yaml", "bind.yaml", "metadata-service.yaml"})
    for (const YAML::Node& document : YAML::LoadAll(dump(file))) shipped.push_back(document);
  EXPECT_EQ(byName(YAML::LoadAll(asYaml(enrolment(spec())))), byName(shipped));
}

TEST(Enroll, ListsRolesByNameAndOnce) {
  const Json role = enrolment(spec({"reader", "role/writer", "clusterrole/view", "reader"}))[1];
  EXPECT_EQ(role["rules"][0]["resourceNames"], Json({"reader", "writer"}));
  EXPECT_EQ(role["rules"][1]["resources"], Json({"clusterroles"}));
  EXPECT_EQ(role["rules"][1]["resourceNames"], Json({"view"}));
  EXPECT_EQ(role["rules"].size(), 2u);
}

TEST(Enroll, RefusesRolesOfTheOperatorAndOtherForms) {
  EnrolSpec out = spec();
  for (const char* text :
       {"errand-operator", "clusterrole/errand-operator-namespace", "role/", "", "user/x", "role/a/b"})
    EXPECT_FALSE(addRole(out, text)) << text;
  EXPECT_TRUE(out.roles.empty() && out.clusterRoles.empty());
  EXPECT_THAT(addRole(out, "pod/x").error().message, HasSubstr("clusterrole/NAME"));
}

TEST(Enroll, RefusesNamespacesThatCannotBeEnrolled) {
  for (const char* ns : {"kube-system", "errand-system", "Agents", "-a", "a.b", ""}) {
    EnrolSpec out;
    out.ns = ns;
    EXPECT_FALSE(check(out)) << ns;
  }
  EXPECT_TRUE(check(spec()));
}

TEST(Enroll, QuotesWhatYamlWouldReadOtherwise) {
  const std::string text =
      asYaml({Json{{"a", "true"}, {"b", "1.37"}, {"c", "plain"}, {"d", "x: y"}, {"e", Json::array()}}});
  EXPECT_EQ(text, "a: \"true\"\nb: \"1.37\"\nc: plain\nd: \"x: y\"\ne: []\n");
}

TEST(Enroll, AddsRolesToARoleThatExistsAndRemovesNone) {
  const Json wanted = enrolment(spec({"reader", "writer", "clusterrole/view"}))[1]["rules"];
  EXPECT_EQ(mergedRules(Json::array(), wanted), wanted);
  EXPECT_EQ(mergedRules(wanted, wanted), wanted);
  const Json other = enrolment(spec({"reader", "own"}))[1]["rules"];
  const Json merged = mergedRules(other, wanted);
  EXPECT_EQ(merged[0], other[0]);
  EXPECT_EQ(merged[1]["resourceNames"], Json({"writer"}));
  EXPECT_EQ(merged[2]["resourceNames"], Json({"view"}));
  // A rule with another verb, or without names, gives no right to bind a role.
  const Json odd = Json::parse(
      R"([{"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles"], "verbs": ["get"], "resourceNames": ["reader"]}, {}])");
  EXPECT_EQ(mergedRules(odd, wanted).size(), 4u);
}

TEST(Suggest, NamesTheNearestCommandOrNone) {
  const std::vector<std::string> names = {"scan", "report", "status", "rules"};
  EXPECT_EQ(nearest("statsu", names), "status");
  EXPECT_EQ(nearest("scna", names), "");
  EXPECT_EQ(nearest("scam", names), "scan");
  EXPECT_EQ(nearest("reprot", names), "report");
  EXPECT_EQ(nearest("explode", names), "");
  EXPECT_EQ(nearest("", names), "");
  EXPECT_EQ(nearest(std::string(1000, 's'), names), "");
}

}  // namespace
}  // namespace errand::cli
