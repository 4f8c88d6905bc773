// The rules of a role that lead to other credentials, and the rules that are harmless.
#include "core/policy/dangerous.hpp"

#include <gmock/gmock.h>

#include <string>

namespace errand::policy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

// "core" stands for the group without a name.
api::PolicyRule rule(std::string_view groups, std::string_view resources, std::string_view verbs) {
  api::PolicyRule out{words(groups), words(resources), words(verbs)};
  for (std::string& group : out.groups)
    if (group == "core") group.clear();
  return out;
}

// Empty if the rule is harmless.
std::string dangerOf(std::string_view groups, std::string_view resources, std::string_view verbs) {
  const api::PolicyRule one = rule(groups, resources, verbs);
  const auto dangers = dangersOf(std::span(&one, 1));
  return dangers.empty() ? "" : describe(dangers.front());
}

constexpr const char* kEveryVerb[] = {"get",    "list",  "watch",  "create",
                                      "update", "patch", "delete", "deletecollection"};

TEST(Dangerous, IsEveryVerbOnSecrets) {
  for (const std::string verb : kEveryVerb)
    EXPECT_EQ(dangerOf("core", "secrets", verb),
              "allows \"" + verb + "\" on \"secrets\": its answers hold the values of Secrets");
}

TEST(Dangerous, IsWhatOpensPodsServicesAndNodes) {
  for (const char* resource : {"pods/exec", "pods/attach", "pods/portforward", "pods/proxy", "services/proxy",
                               "nodes/proxy", "nodes/log", "pods/ephemeralcontainers", "*/exec", "*/proxy",
                               "serviceaccounts/token", "pods/anything"})
    for (const std::string verb : kEveryVerb)
      EXPECT_NE(dangerOf("core", resource, verb), "") << resource << verb;
  EXPECT_NE(dangerOf("subresources.kubevirt.io", "virtualmachineinstances/vnc", "get"), "");
}

TEST(Dangerous, IsToDecideWhatRuns) {
  for (const char* verb : {"create", "update", "patch"}) {
    for (const char* resource :
         {"pods", "replicationcontrollers", "podtemplates", "bindings", "pods/binding", "pods/status",
          "serviceaccounts", "namespaces", "services", "endpoints", "nodes"})
      EXPECT_NE(dangerOf("core", resource, verb), "") << resource << verb;
    for (const char* resource :
         {"deployments", "daemonsets", "statefulsets", "replicasets", "controllerrevisions"})
      EXPECT_EQ(dangerOf("apps", resource, verb), std::string("allows \"") + verb + "\" on \"" + resource +
                                                      ".apps\": decides what pods run, and as whom");
    for (const char* resource : {"jobs", "cronjobs"})
      EXPECT_NE(dangerOf("batch", resource, verb), "") << resource;
  }
}

TEST(Dangerous, AreVerbsThatPassOnWhatOneIsNot) {
  for (const char* verb :
       {"impersonate", "impersonate:user-info", "impersonate:serviceaccount", "impersonate-on:user-info:list",
        "bind", "escalate", "approve", "sign", "attest", "*", "use", "GET", "request"})
    for (const char* resource : {"configmaps", "pods", "users", "anything"})
      EXPECT_NE(dangerOf("core", resource, verb), "") << verb;
  EXPECT_THAT(
      dangerOf("core", "serviceaccounts", "get impersonate:serviceaccount"),
      HasSubstr("allows \"impersonate:serviceaccount\" on \"serviceaccounts\": acts as somebody else"));
}

TEST(Dangerous, IsToChangeOrDeleteWhatGuards) {
  for (const char* verb : {"create", "update", "patch", "delete", "deletecollection"}) {
    for (const char* resource : {"validatingwebhookconfigurations", "mutatingwebhookconfigurations",
                                 "validatingadmissionpolicies", "validatingadmissionpolicybindings",
                                 "mutatingadmissionpolicies", "mutatingadmissionpolicybindings"})
      EXPECT_THAT(dangerOf("admissionregistration.k8s.io", resource, verb),
                  HasSubstr("changes what admission refuses"));
    for (const char* resource : {"roles", "rolebindings", "clusterroles", "clusterrolebindings"})
      EXPECT_THAT(dangerOf("rbac.authorization.k8s.io", resource, verb), HasSubstr("passes rights on"));
    for (const char* resource : {"agentidentities", "taskgrants", "exemptions", "taskgrants/status"})
      EXPECT_THAT(dangerOf("errand.dev", resource, verb), HasSubstr("changes what agents may get"));
    for (const char* resource : {"certificatesigningrequests", "certificatesigningrequests/approval"})
      EXPECT_THAT(dangerOf("certificates.k8s.io", resource, verb),
                  HasSubstr("gets or approves certificates"));
    EXPECT_NE(dangerOf("networking.k8s.io", "networkpolicies", verb), "");
    EXPECT_NE(dangerOf("core", "namespaces", verb), "");
    EXPECT_NE(dangerOf("apiextensions.k8s.io", "customresourcedefinitions", verb), "");
    EXPECT_NE(dangerOf("apiregistration.k8s.io", "apiservices", verb), "");
  }
}

// The controller of such a resource acts on it with its own rights.
TEST(Dangerous, IsToWriteWhatNobodyKnows) {
  EXPECT_EQ(dangerOf("argoproj.io", "workflows", "get list create"),
            "allows \"create\" on \"workflows.argoproj.io\": whoever acts on it may have rights of its own");
  EXPECT_EQ(dangerOf("argoproj.io", "workflows workflows/status", "get list watch"), "");
  EXPECT_NE(dangerOf("example.com", "secrets", "patch"), "");
  EXPECT_EQ(dangerOf("example.com", "secrets", "get"), "") << "of that name in another group";
}

TEST(Dangerous, IsEachGroupOfAStar) {
  EXPECT_NE(dangerOf("*", "secrets", "get"), "");
  EXPECT_NE(dangerOf("*", "deployments", "patch"), "");
  EXPECT_NE(dangerOf("*", "configmaps", "patch"), "") << "those of a group that nobody knows among them";
  EXPECT_EQ(dangerOf("*", "configmaps deployments widgets", "get list watch"), "");
  EXPECT_NE(dangerOf("core", "*", "get"), "");
  EXPECT_NE(dangerOf("core apps", "deployments", "get *"), "");
}

TEST(Dangerous, IsNotWhatAgentsDoAllTheTime) {
  EXPECT_EQ(dangerOf("core",
                     "pods pods/log services endpoints nodes namespaces configmaps events "
                     "serviceaccounts resourcequotas persistentvolumes pods/status bindings",
                     "get list watch"),
            "");
  EXPECT_EQ(dangerOf("core apps batch", "pods deployments jobs", "get list watch delete deletecollection"),
            "")
      << "pairs that there are not";
  EXPECT_NE(dangerOf("core apps", "pods deployments", "get patch"), "");
  EXPECT_EQ(dangerOf("core", "pods", "delete deletecollection"), "");
  EXPECT_EQ(dangerOf("core", "pods/eviction", "create"), "");
  EXPECT_EQ(dangerOf("apps", "deployments statefulsets replicasets", "get list watch delete"), "");
  EXPECT_EQ(dangerOf("apps", "deployments/scale statefulsets/scale", "get update patch"), "");
  EXPECT_EQ(dangerOf("batch", "jobs cronjobs", "get list watch delete"), "");
  EXPECT_EQ(dangerOf("core", "configmaps persistentvolumeclaims", "get create update patch delete"), "");
  EXPECT_EQ(dangerOf("core events.k8s.io", "events", "create patch"), "");
  EXPECT_EQ(dangerOf("coordination.k8s.io", "leases", "get create update"), "");
  EXPECT_EQ(dangerOf("autoscaling", "horizontalpodautoscalers", "patch"), "");
  EXPECT_EQ(dangerOf("rbac.authorization.k8s.io", "roles rolebindings", "get list watch"), "");
  EXPECT_EQ(dangerOf("metrics.k8s.io", "pods nodes", "get list"), "");
  EXPECT_EQ(dangerOf("authorization.k8s.io", "selfsubjectaccessreviews subjectaccessreviews", "create"), "");
  EXPECT_EQ(dangerOf("authentication.k8s.io", "tokenreviews selfsubjectreviews", "create"), "");
}

TEST(Dangerous, IsNothingWithoutAResource) {
  EXPECT_EQ(dangerOf("", "", "*"), "") << "nonResourceURLs: a RoleBinding does not give them";
}

TEST(Dangerous, AreRulesByTheirIndex) {
  const std::vector<api::PolicyRule> rules = {
      rule("core", "configmaps", "get"), rule("core", "secrets", "get list"), rule("core", "pods", "get"),
      rule("core", "pods/exec", "create")};
  const auto dangers = dangersOf(rules);
  ASSERT_EQ(dangers.size(), 2u) << "one a rule";
  EXPECT_EQ(dangers[0].rule, 1u);
  EXPECT_EQ(dangers[1].rule, 3u);
  EXPECT_THAT(dangersOf({}), IsEmpty());
}

TEST(Dangerous, IsShownInPrintableWords) {
  const std::string text = dangerOf("core", std::string(100, 'a') + "\"\n\xff", "get\x1b");
  EXPECT_THAT(text, HasSubstr("allows \"get?\" on \"" + std::string(64, 'a') + "...\""));
}

TEST(AccessToAgents, IsWhatOneCallGives) {
  const auto access = [](std::string_view groups, std::string_view resources, std::string_view verbs) {
    const api::PolicyRule one = rule(groups, resources, verbs);
    return accessToAgents(std::span(&one, 1));
  };
  EXPECT_THAT(access("core", "secrets", "watch"), ElementsAre("reads Secrets"));
  EXPECT_THAT(access("core", "serviceaccounts/token", "create"), ElementsAre("mints tokens"));
  EXPECT_THAT(access("core", "serviceaccounts", "impersonate"), ElementsAre("impersonates"));
  EXPECT_THAT(access("core", "*/exec", "get"), ElementsAre("runs commands in pods"));
  EXPECT_THAT(access("*", "*", "*"),
              ElementsAre("reads Secrets", "mints tokens", "impersonates", "runs commands in pods"));
  EXPECT_THAT(access("core", "secrets", "create delete"), IsEmpty());
  EXPECT_THAT(access("example.com", "secrets", "get"), IsEmpty());
  EXPECT_THAT(access("core", "pods configmaps", "get list patch"), IsEmpty());
}

TEST(StreamingRule, IsTheFirstThatLeavesAConnectionOpen) {
  using Rules = std::vector<api::PolicyRule>;
  EXPECT_EQ(streamingRule(Rules{{{""}, {"configmaps"}, {"get", "list"}}, {{}, {}, {"*"}}}), std::nullopt);
  EXPECT_EQ(streamingRule(Rules{{{""}, {"pods"}, {"get"}}, {{""}, {"pods"}, {"watch"}}}), 1u);
  for (const char* resource :
       {"pods/log", "pods/exec", "pods/attach", "pods/portforward", "services/proxy", "*/log", "*"})
    EXPECT_EQ(streamingRule(Rules{{{""}, {resource}, {"get"}}}), 0u) << resource;
  EXPECT_EQ(streamingRule(Rules{{{"apps"}, {"deployments"}, {"*"}}}), 0u);
}

}  // namespace
}  // namespace errand::policy
