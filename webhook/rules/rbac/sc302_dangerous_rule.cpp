// SC302. A role is an agent's as soon as an AgentIdentity of its namespace names it.
#include <fmt/format.h>

#include <algorithm>

#include "webhook/rules/catalogue.hpp"
#include "webhook/rules/rbac/dangerous.hpp"

namespace errand::webhook {
namespace {

constexpr std::string_view kTags[] = {"NHI5", "ASI03"};

// The identity that may get the role; empty where none may.
std::string whoMayGet(const JudgedObject& judged) {
  const bool cluster = judged.object.kind == "ClusterRole";
  for (const auto& identity : judged.views.identities(cluster ? std::string_view() : judged.ns))
    for (const api::ToolClass& toolClass : identity->toolClasses) {
      const auto& names = cluster ? toolClass.access.clusterRoles : toolClass.access.roles;
      if (std::ranges::find(names, judged.object.name) != names.end()) return identity->meta.name;
    }
  return {};
}

void checkObject(const JudgedObject& judged, Reporter& report) {
  const ObjectView& role = judged.object;
  std::string agent;
  for (size_t i = 0; i < role.rules.size(); ++i) {  // of no other kind are rules read
    const auto what = danger(role.rules[i]);
    if (!what) continue;
    if (agent.empty() && (agent = whoMayGet(judged)).empty()) return;
    report.add(fmt::format("/rules/{}", i),
               fmt::format("{} {}, which AgentIdentity {} may get, {} (rules[{}])", role.kind,
                           inQuotes(role.name), inQuotes(agent), *what, i));
  }
}

}  // namespace

constinit const Rule kDangerousRule = {
    .id = "SC302",
    .slug = "dangerous-rule",
    .title = "A role that an agent may get must not be a way to other credentials",
    .why =
        "Who reads Secrets, mints tokens, impersonates, or opens a shell in another pod has in one call what "
        "no grant has given and no end takes away.",
    .fix = "name the resources and verbs that the task needs, and lease Secrets by access.secrets",
    .severity = Severity::Critical,
    .tags = kTags,
    .refused = R"(Refused is a Role that an AgentIdentity of its namespace names, or a ClusterRole that any
names, with a rule that has `*` for a verb or resource, reads `secrets`, creates
`serviceaccounts/token`, impersonates, has `bind` or `escalate`, writes RoleBindings, reaches `pods/exec`,
`pods/attach`, `pods/ephemeralcontainers` or `nodes/proxy`, approves certificates, or
changes admission. ClusterRoles are judged by `kubectl-errand scan` alone.

```yaml
rules:
- apiGroups: [""]
  resources: [secrets]
  verbs: [get]   # refused
```)",
    .allowed = "Rules that name other resources and verbs; any role that no agent may get.",
    .checkObject = checkObject};

}  // namespace errand::webhook
