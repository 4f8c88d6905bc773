#include "rules/cluster/builtinroles.hpp"

#include <fmt/format.h>

#include <functional>
#include <map>

namespace errand::rules {
namespace {

using Rules = std::vector<api::PolicyRule>;

std::string labelFor(std::string_view role) {
  return fmt::format("rbac.authorization.k8s.io/aggregate-to-{}", role);
}

// Returns a role with the label by which the role `into` aggregates it. Without the label if `into` is empty.
BuiltInRole role(std::string name, std::string_view into, Rules rules) {
  BuiltInRole out{std::move(name), {{"kubernetes.io/bootstrapping", "rbac-defaults"}}, std::move(rules)};
  if (!into.empty()) out.labels.emplace(labelFor(into), "true");
  return out;
}

// Returns a role that aggregates others, and that `into` aggregates unless it is empty.
BuiltInRole aggregated(const std::string& name, std::string_view into) {
  BuiltInRole out = role(name, into, {});
  out.selectors.emplace_back().matchLabels.emplace(labelFor(name), "true");
  return out;
}

}  // namespace

// https://github.com/kubernetes/kubernetes/tree/v1.37.2/plugin/pkg/auth/authorizer/rbac/bootstrappolicy/testdata
std::vector<BuiltInRole> builtInRoles() {
  const std::vector<std::string> writes = {"create", "delete", "deletecollection", "patch", "update"},
                                 reads = {"get", "list", "watch"};
  return {
      role("cluster-admin", "", {{{"*"}, {"*"}, {"*"}}}),
      aggregated("admin", ""),
      aggregated("edit", "admin"),
      aggregated("view", "edit"),
      role("system:aggregate-to-admin", "admin",
           {{{"rbac.authorization.k8s.io"}, {"rolebindings", "roles"}, writes}}),
      role("system:aggregate-to-edit", "edit",
           {{{""}, {"pods/exec", "pods/attach", "pods/portforward", "pods/proxy", "services/proxy"}, reads},
            {{""}, {"secrets"}, reads},
            {{""}, {"serviceaccounts"}, {"impersonate"}},
            {{""}, {"serviceaccounts/token"}, {"create"}},
            {{""}, {"pods", "replicationcontrollers", "secrets", "serviceaccounts", "services"}, writes},
            {{"apps"}, {"daemonsets", "deployments", "replicasets", "statefulsets"}, writes},
            {{"batch"}, {"cronjobs", "jobs"}, writes},
            {{"networking.k8s.io"}, {"ingresses", "networkpolicies"}, writes}}),
      role("system:aggregate-to-view", "view",
           {{{""}, {"configmaps", "pods", "services"}, reads}, {{""}, {"pods/log"}, reads}}),
      role("system:controller:generic-garbage-collector", "",
           {{{"*"}, {"*"}, {"delete", "get", "list", "patch", "update", "watch"}}}),
      role("system:controller:namespace-controller", "",
           {{{"*"}, {"*"}, {"delete", "deletecollection", "get", "list"}}}),
      role("system:controller:resourcequota-controller", "", {{{"*"}, {"*"}, {"list", "watch"}}}),
      role("system:controller:storage-version-migrator-controller", "", {{{"*"}, {"*"}, {"list", "patch"}}}),
      role("system:kube-controller-manager", "",
           {{{""}, {"secrets"}, {"create", "delete", "get", "update"}},
            {{""}, {"serviceaccounts/token"}, {"create"}},
            {{"*"}, {"*"}, {"list", "watch"}}}),
      role("system:node", "",
           {{{""}, {"secrets"}, reads},
            {{""}, {"serviceaccounts/token"}, {"create"}},
            {{""}, {"pods"}, {"create", "delete", "get", "list", "watch"}}}),
  };
}

std::shared_ptr<const RoleFacts> builtInFacts(std::string_view name) {
  static const auto kFacts = [] {
    std::map<std::string, std::shared_ptr<const RoleFacts>, std::less<>> out;
    for (const BuiltInRole& one : builtInRoles())
      if (one.selectors.empty()) out[one.name] = std::make_shared<const RoleFacts>(roleFacts(one.rules));
    return out;
  }();
  const auto it = kFacts.find(name);
  return it == kFacts.end() ? nullptr : it->second;
}

}  // namespace errand::rules
