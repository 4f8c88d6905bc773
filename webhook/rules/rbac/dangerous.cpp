#include "webhook/rules/rbac/dangerous.hpp"

#include <algorithm>
#include <array>

#include "webhook/rules/holder.hpp"

namespace errand::webhook {
namespace {

constexpr std::string_view kRead = "read", kWrite = "write", kAny = "any";

struct Danger {
  std::string_view group, resource, verbs;  // verbs: one of the above, or a verb's name
  std::string_view what;
};

constexpr std::array kDangers = std::to_array<Danger>({
    {"", "secrets", kRead, "reads secrets"},
    {"", "serviceaccounts/token", "create", "mints tokens (serviceaccounts/token)"},
    {"", "pods/exec", kAny, "runs commands in pods (pods/exec)"},
    {"", "pods/attach", kAny, "attaches to pods (pods/attach)"},
    {"", "pods/ephemeralcontainers", kWrite, "adds containers to pods (pods/ephemeralcontainers)"},
    {"", "nodes/proxy", kAny, "speaks to kubelets (nodes/proxy)"},
    {"", "users", "impersonate", "impersonates"},
    {"", "groups", "impersonate", "impersonates"},
    {"", "serviceaccounts", "impersonate", "impersonates"},
    {"authentication.k8s.io", "userextras", "impersonate", "impersonates"},
    {"authentication.k8s.io", "uids", "impersonate", "impersonates"},
    {"rbac.authorization.k8s.io", "roles", "bind", "binds roles"},
    {"rbac.authorization.k8s.io", "clusterroles", "bind", "binds roles"},
    {"rbac.authorization.k8s.io", "rolebindings", kWrite, "passes its rights on (rolebindings)"},
    {"rbac.authorization.k8s.io", "clusterrolebindings", kWrite,
     "passes its rights on (clusterrolebindings)"},
    {"rbac.authorization.k8s.io", "roles", "escalate", "escalates"},
    {"rbac.authorization.k8s.io", "clusterroles", "escalate", "escalates"},
    {"certificates.k8s.io", "certificatesigningrequests/approval", kWrite, "approves certificates"},
    {"admissionregistration.k8s.io", "validatingwebhookconfigurations", kWrite, "changes admission"},
    {"admissionregistration.k8s.io", "mutatingwebhookconfigurations", kWrite, "changes admission"},
    {"admissionregistration.k8s.io", "validatingadmissionpolicies", kWrite, "changes admission"},
    {"admissionregistration.k8s.io", "validatingadmissionpolicybindings", kWrite, "changes admission"},
});

bool has(const std::vector<std::string>& list, std::string_view value) {
  return std::ranges::find(list, value) != list.end();
}

bool covers(const std::vector<std::string>& verbs, std::string_view wanted) {
  if (wanted == kAny) return !verbs.empty();
  if (wanted == kRead) return has(verbs, "get") || has(verbs, "list") || has(verbs, "watch");
  if (wanted == kWrite) return has(verbs, "create") || has(verbs, "update") || has(verbs, "patch");
  return has(verbs, wanted);
}

// RBAC knows "pods/*" for no resource, but "*/exec" for that subresource of all
// (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources).
bool names(const std::vector<std::string>& resources, std::string_view resource) {
  const size_t slash = resource.find('/');
  return has(resources, resource) ||
         (slash != std::string_view::npos && has(resources, "*" + std::string(resource.substr(slash))));
}

constexpr std::string_view kAccountUser = "system:serviceaccount:";
constexpr std::string_view kAccountGroup = "system:serviceaccounts";

}  // namespace

std::optional<std::string> danger(const PolicyRule& rule) {
  if (has(rule.verbs, "*")) return "allows every verb (*)";
  if (has(rule.resources, "*")) return "covers every resource (*)";
  for (const Danger& danger : kDangers)
    if ((has(rule.groups, danger.group) || has(rule.groups, "*")) && names(rule.resources, danger.resource) &&
        covers(rule.verbs, danger.verbs))
      return std::string(danger.what);
  return std::nullopt;
}

std::string_view namespaceOf(const Subject& subject) {
  if (subject.kind == "ServiceAccount") return subject.ns;
  for (const std::string_view prefix : {"system:serviceaccount:", "system:serviceaccounts:"})
    if (subject.name.starts_with(prefix)) {
      const std::string_view rest = std::string_view(subject.name).substr(prefix.size());
      return rest.substr(0, rest.find(':'));
    }
  return {};
}

bool isAgent(const Subject& subject, std::string_view ns) {
  const auto here = [&](std::string_view other) { return ns.empty() || other.empty() || ns == other; };
  if (subject.kind == "ServiceAccount") return isAgentAccount(subject.name) && here(subject.ns);
  if (subject.kind == "User") {
    if (!subject.name.starts_with(kAccountUser)) return false;
    const std::string_view rest = std::string_view(subject.name).substr(kAccountUser.size());
    const size_t colon = rest.find(':');
    return colon != std::string_view::npos && here(rest.substr(0, colon)) &&
           isAgentAccount(rest.substr(colon + 1));
  }
  if (subject.kind != "Group") return false;
  if (subject.name == "system:authenticated" || subject.name == kAccountGroup) return true;
  return subject.name.starts_with(kAccountGroup) && subject.name[kAccountGroup.size()] == ':' &&
         here(std::string_view(subject.name).substr(kAccountGroup.size() + 1));
}

}  // namespace errand::webhook
