#include "core/policy/dangerous.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "core/base/excerpt.hpp"

namespace errand::policy {
namespace {

using Verbs = std::uint16_t;

struct Verb {
  std::string_view name;
  Verbs bit;
};

constexpr std::array kVerbs = std::to_array<Verb>({{"get", 1},
                                                   {"list", 2},
                                                   {"watch", 4},
                                                   {"create", 8},
                                                   {"update", 16},
                                                   {"patch", 32},
                                                   {"delete", 64},
                                                   {"deletecollection", 128}});
constexpr Verbs kNone = 0, kRead = 7, kCreate = 8, kChange = 16 | 32, kDelete = 64 | 128;
constexpr Verbs kAll = kRead | kCreate | kChange | kDelete;

constexpr std::string_view kRunsPods = "decides what pods run, and as whom";
constexpr std::string_view kReachesPods = "reaches what listens in pods, past every NetworkPolicy";

struct Harmless {
  std::string_view group, resource;
  Verbs verbs;
  std::string_view otherwise = {};  // the danger of any other verb; empty: that of the group (kGroups)
};

// Deleting or scaling a workload runs no other code. A ConfigMap holds no credential (SC108). An agent should
// not write a ConfigMap from which pods take code, but no table can detect that.
constexpr std::array kHarmless = std::to_array<Harmless>({
    {"", "secrets", kNone, "its answers hold the values of Secrets"},
    {"", "serviceaccounts", kRead, "changes accounts that pods run as"},
    {"", "serviceaccounts/token", kNone, "mints tokens"},
    {"", "pods", kRead | kDelete, kRunsPods},
    {"", "pods/log", kRead},
    {"", "pods/eviction", kCreate},
    {"", "pods/exec", kNone, "runs commands in pods"},
    {"", "pods/attach", kNone, "attaches to what runs in pods"},
    {"", "pods/portforward", kNone, kReachesPods},
    {"", "pods/proxy", kNone, kReachesPods},
    {"", "pods/ephemeralcontainers", kNone, "adds containers to pods"},
    {"", "services", kRead, "decides where others send their credentials"},
    {"", "services/proxy", kNone, kReachesPods},
    {"", "endpoints", kRead, "decides where others send their credentials"},
    {"", "nodes/proxy", kNone, "speaks to kubelets"},
    {"", "replicationcontrollers", kRead | kDelete, kRunsPods},
    {"", "replicationcontrollers/scale", kRead | kChange},
    {"", "podtemplates", kRead, kRunsPods},
    {"", "namespaces", kRead, "takes namespaces out of enforcement"},
    {"", "configmaps", kAll},
    {"", "persistentvolumeclaims", kAll},
    {"", "events", kRead | kCreate | kChange, "hides what happened"},
    {"events.k8s.io", "events", kRead | kCreate | kChange, "hides what happened"},
    {"apps", "deployments", kRead | kDelete},
    {"apps", "daemonsets", kRead | kDelete},
    {"apps", "replicasets", kRead | kDelete},
    {"apps", "statefulsets", kRead | kDelete},
    {"apps", "deployments/scale", kRead | kChange},
    {"apps", "replicasets/scale", kRead | kChange},
    {"apps", "statefulsets/scale", kRead | kChange},
    {"batch", "jobs", kRead | kDelete},
    {"batch", "cronjobs", kRead | kDelete},
    {"autoscaling", "horizontalpodautoscalers", kAll},
    {"coordination.k8s.io", "leases", kAll},
    {"discovery.k8s.io", "endpointslices", kRead, "decides where others send their credentials"},
    {"networking.k8s.io", "networkpolicies", kRead, "opens addresses to pods that are closed to them"},
    {"authentication.k8s.io", "selfsubjectreviews", kCreate},
    {"authentication.k8s.io", "tokenreviews", kCreate},
    {"authorization.k8s.io", "localsubjectaccessreviews", kCreate},
    {"authorization.k8s.io", "selfsubjectaccessreviews", kCreate},
    {"authorization.k8s.io", "selfsubjectrulesreviews", kCreate},
    {"authorization.k8s.io", "subjectaccessreviews", kCreate},
});

// https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings
constexpr std::array<std::string_view, 5> kForEverybody = {
    "system:basic-user", "system:cluster-trust-bundle-discovery", "system:discovery",
    "system:public-info-viewer", "system:service-account-issuer-discovery"};

struct Group {
  std::string_view name, otherwise;
};
constexpr std::array kGroups = std::to_array<Group>({
    {"admissionregistration.k8s.io", "changes what admission refuses"},
    {"apps", kRunsPods},
    {"batch", kRunsPods},
    {"certificates.k8s.io", "gets or approves certificates"},
    {"errand.dev", "changes what agents may get"},
    {"rbac.authorization.k8s.io", "passes rights on"},
});

// Returns the harmless verbs for a resource outside the table.
// - Reading is harmless: agents often read custom resources, and a credential in one is a separate fault.
// - Writing is dangerous: the resource's controller may use its own rights for the writer, to run pods, read
//   Secrets or bind roles (Workflow, PipelineRun, ExternalSecret).
// - An unknown subresource may open a connection (`virtualmachineinstances/vnc`, by `get`).
Verbs byDefault(std::string_view resource) {
  const size_t slash = resource.find('/');
  if (slash == resource.npos) return kRead;
  const std::string_view sub = resource.substr(slash + 1);
  return sub == "status" || sub == "scale" ? kRead : kNone;
}

// Returns the harmless verbs.
// - For the group "*", a verb must be harmless for every resource of that name, in the table or outside it.
// - Rules often combine several groups with several resources, so a group may lack the resource. If that
//   group is built-in (its name has no dot), the entries of that name in other groups count.
Verbs harmless(std::string_view group, std::string_view resource) {
  Verbs named = kAll;
  bool known = false;
  for (const Harmless& entry : kHarmless) {
    if (entry.resource != resource) continue;
    if (entry.group == group) return entry.verbs;
    named &= entry.verbs;
    known = true;
  }
  if (group == "*") return named & byDefault(resource);
  return known && !group.contains('.') ? named : byDefault(resource);
}

Verbs bitOf(std::string_view verb) {
  const auto* const found = std::ranges::find(kVerbs, verb, &Verb::name);
  return found == kVerbs.end() ? kNone : found->bit;
}

std::string_view whyOfVerb(std::string_view verb) {
  if (verb == "*") return "that is every verb";
  // Constrained impersonation has its own verbs (KEP-5284): impersonate:user-info, impersonate-on:… .
  if (verb.starts_with("impersonate")) return "acts as somebody else";
  if (verb == "bind" || verb == "escalate") return "passes on rights that it does not hold";
  if (verb == "approve" || verb == "sign" || verb == "attest") return "approves or signs certificates";
  if (bitOf(verb) == kNone) return "nobody knows what that verb allows";
  return {};
}

std::string_view whyOfResource(std::string_view group, std::string_view resource) {
  // RBAC reads "*/exec" as that subresource of every resource
  // (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources).
  const std::string_view sub = resource.starts_with("*/") ? resource.substr(1) : std::string_view();
  for (const Harmless& entry : kHarmless)
    if ((entry.group == group || group == "*") && !entry.otherwise.empty() &&
        (entry.resource == resource || (!sub.empty() && entry.resource.ends_with(sub))))
      return entry.otherwise;
  if (const auto* const found = std::ranges::find(kGroups, group, &Group::name); found != kGroups.end())
    return found->otherwise;
  if (resource.contains('/')) return "nobody knows what that subresource opens";
  return "whoever acts on it may have rights of its own";
}

std::string_view whyNot(std::string_view verb, std::string_view group, std::string_view resource) {
  if (const std::string_view why = whyOfVerb(verb); !why.empty()) return why;
  if (resource == "*") return "that is every resource";
  return (harmless(group, resource) & bitOf(verb)) != 0 ? std::string_view() : whyOfResource(group, resource);
}

// Returns the first danger of a rule, with index 0. A rule without resources has none: it covers non-resource
// URLs, which a RoleBinding cannot grant.
std::optional<Danger> dangerOf(const api::PolicyRule& rule) {
  for (const std::string& resource : rule.resources)
    for (const std::string& verb : rule.verbs)
      for (const std::string& group : rule.groups)
        if (const std::string_view why = whyNot(verb, group, resource); !why.empty())
          return Danger{0, verb, group.empty() ? resource : resource + "." + group, why};
  return std::nullopt;
}

bool has(const std::vector<std::string>& list, std::string_view value) {
  return std::ranges::find(list, value) != list.end();
}

bool allows(const api::PolicyRule& rule, std::string_view resource,
            std::initializer_list<std::string_view> verbs) {
  const size_t slash = resource.find('/');
  const bool named =
      has(rule.resources, "*") || has(rule.resources, resource) ||
      (slash != resource.npos && has(rule.resources, "*" + std::string(resource.substr(slash))));
  return named && (has(rule.groups, "") || has(rule.groups, "*")) &&
         (has(rule.verbs, "*") ||
          std::ranges::any_of(verbs, [&](std::string_view verb) { return has(rule.verbs, verb); }));
}

bool impersonates(const api::PolicyRule& rule) {
  if (std::ranges::any_of(rule.verbs, [](const std::string& v) { return v.starts_with("impersonate"); }))
    return true;
  return allows(rule, "serviceaccounts", {}) || allows(rule, "users", {}) || allows(rule, "groups", {});
}

}  // namespace

std::vector<Danger> dangersOf(std::span<const api::PolicyRule> rules) {
  std::vector<Danger> out;
  for (size_t i = 0; i < rules.size(); ++i)
    if (auto danger = dangerOf(rules[i])) {
      danger->rule = i;
      out.push_back(std::move(*danger));
    }
  return out;
}

std::string describe(const Danger& danger) {
  return fmt::format("allows \"{}\" on \"{}\": {}", excerpt(danger.verb), excerpt(danger.resource),
                     danger.why);
}

std::vector<std::string_view> accessToAgents(std::span<const api::PolicyRule> rules) {
  std::vector<std::string_view> out;
  const auto add = [&](auto holds, std::string_view what) {
    if (std::ranges::any_of(rules, holds)) out.push_back(what);
  };
  using Rule = api::PolicyRule;
  add([](const Rule& r) { return allows(r, "secrets", {"get", "list", "watch"}); }, "reads Secrets");
  add([](const Rule& r) { return allows(r, "serviceaccounts/token", {"create"}); }, "mints tokens");
  add(impersonates, "impersonates");
  add([](const Rule& r) { return allows(r, "pods/exec", {"create", "get"}); }, "runs commands in pods");
  return out;
}

std::optional<size_t> streamingRule(std::span<const api::PolicyRule> rules) {
  static constexpr std::array<std::string_view, 5> kStreams = {"/log", "/exec", "/attach", "/portforward",
                                                               "/proxy"};
  for (size_t i = 0; i < rules.size(); ++i) {
    const api::PolicyRule& rule = rules[i];
    if (rule.resources.empty() || rule.verbs.empty()) continue;
    if (has(rule.verbs, "watch") || has(rule.verbs, "*") || has(rule.resources, "*")) return i;
    for (const std::string& resource : rule.resources)
      if (std::ranges::any_of(kStreams, [&](std::string_view s) { return resource.ends_with(s); })) return i;
  }
  return std::nullopt;
}

bool isForEverybody(std::string_view clusterRole) {
  return std::ranges::find(kForEverybody, clusterRole) != kForEverybody.end();
}

bool isBuiltInDangerous(std::string_view clusterRole) {
  return clusterRole == "admin" || clusterRole == "cluster-admin" || clusterRole == "edit";
}

bool isBuiltInStreaming(std::string_view clusterRole) {
  return isBuiltInDangerous(clusterRole) || clusterRole == "view";
}

}  // namespace errand::policy
