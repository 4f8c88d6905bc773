// SC301. Only a binding that the operator creates for a grant ends with the grant.
#include <fmt/format.h>

#include "core/policy/dangerous.hpp"
#include "rules/catalogue/catalogue.hpp"
#include "rules/catalogue/rbac/subjects.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kTags[] = {"NHI5", "NHI7", "ASI03"};

// True for an agent's account, and for a group of such accounts unless its namespace is known
// as not enrolled.
bool holdsAgentOfCluster(const Subject& subject, const ClusterState& cluster) {
  const std::string_view ns = namespaceOf(subject);
  return isAgent(subject, "") && (subject.kind != "Group" || ns.empty() || modeOf(cluster, ns) != Mode::Off);
}

bool holdsAgent(const Subject& subject, std::string_view ns, const ClusterState& cluster) {
  const std::string_view other = namespaceOf(subject);
  return isAgent(subject, ns) ||
         (isAgent(subject, other) && modeOf(cluster, other).value_or(Mode::Off) != Mode::Off);
}

void checkObject(const ObjectCheckInput& input, Reporter& report) {
  const ObjectView& binding = input.object;
  const bool cluster = binding.kind == "ClusterRoleBinding";
  if (input.settings.isOperator(input.user)) return;
  // Only the name of a ClusterRole counts: any author may choose the name of a Role.
  if (binding.roleKind == "ClusterRole" && policy::isForEverybody(binding.roleName)) return;
  for (size_t i = 0; i < binding.subjects.size(); ++i) {
    const Subject& subject = binding.subjects[i];
    if (cluster ? holdsAgentOfCluster(subject, input.cluster) : holdsAgent(subject, input.ns, input.cluster))
      report.add(fmt::format("/subjects/{}", i),
                 fmt::format("{} {} gives {} {} to {} {}, which is or holds an agent's account", binding.kind,
                             inQuotes(binding.name), printable(binding.roleKind), inQuotes(binding.roleName),
                             printable(subject.kind), inQuotes(subject.name)));
  }
}

}  // namespace

constinit const Rule kStandingBinding = {
    .id = "SC301",
    .slug = "standing-binding",
    .title = "Nothing but a grant must bind a role to an agent's account",
    .why = "Rights that are bound by hand exist between tasks, and the end of a grant does not remove them.",
    .fix = "name the role in the AgentIdentity's ceiling and ask for it by a TaskGrant (access.roles)",
    .severity = Severity::Critical,
    .tags = kTags,
    .refused =
        R"(The rule rejects a RoleBinding or ClusterRoleBinding with a subject that is an agent's account, or a
group that may contain one:

- the ServiceAccount `errand-a.…` or `errand-g.…`
- the User `system:serviceaccount:<namespace>:errand-…`
- the groups `system:serviceaccounts` and `system:authenticated`, and
  `system:serviceaccounts:<namespace>` of an enrolled namespace

In a cluster the policies `errand-cluster-bindings` and `errand-group-bindings` check
ClusterRoleBindings. The latter also checks RoleBindings in any other namespace to the agents of an
enrolled one. For `kubectl-errand scan` a namespace is enrolled if its Namespace with the label, or
an AgentIdentity in it, is among the files.

```yaml
kind: RoleBinding
subjects:
- {kind: ServiceAccount, name: errand-a.triage-bot.planner}   # refused
```)",
    .allowed =
        R"(The bindings that the operator creates for a grant, and bindings of the ClusterRoles that Kubernetes
binds to everybody: `system:basic-user`, `system:cluster-trust-bundle-discovery`,
`system:discovery`, `system:public-info-viewer` and `system:service-account-issuer-discovery`.)",
    .policy = "errand-bindings",
    .objects = {{kObjectStages, checkObject}}};

}  // namespace errand::rules
