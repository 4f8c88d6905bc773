// SC304. Only reports, because a cluster that rejects the built-in roles edit and admin is hardly usable.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>
#include <vector>

#include "core/policy/dangerous.hpp"
#include "rules/catalogue/catalogue.hpp"
#include "rules/catalogue/rbac/subjects.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kTags[] = {"NHI5", "ASI03"};

// The built-in roles allow all of these in every cluster. Files seldom contain these roles.
const std::vector<std::string_view> kOfBuiltIn = {"reads Secrets", "mints tokens", "impersonates",
                                                  "runs commands in pods"};

// Returns the access to agents that the bound role gives. Empty if it gives none or its rules are not known.
std::vector<std::string_view> givenBy(const ObjectCheckInput& input) {
  const ObjectView& binding = input.object;
  const bool cluster = binding.roleKind == "ClusterRole";
  const std::string ns(cluster ? std::string_view() : input.ns);
  if (const auto role = input.cluster.role({{binding.roleKind, binding.roleName}, ns}))
    return role->accessToAgents;
  return cluster && policy::isBuiltInDangerous(binding.roleName) ? kOfBuiltIn
                                                                 : std::vector<std::string_view>();
}

// True for the RoleBinding that gives the operator its rights in an enrolled namespace. No grant works
// without it.
bool isOperators(const Subject& subject, const ObjectView& binding) {
  return binding.roleKind == "ClusterRole" && binding.roleName == "errand-operator-namespace" &&
         subject.kind == "ServiceAccount" && subject.name == "errand-operator";
}

void checkObject(const ObjectCheckInput& input, Reporter& report) {
  const ObjectView& binding = input.object;
  if (binding.kind != "RoleBinding") return;
  const auto given = givenBy(input);
  if (given.empty()) return;
  for (size_t i = 0; i < binding.subjects.size(); ++i) {
    const Subject& subject = binding.subjects[i];
    if (isAgent(subject, input.ns) || isOperators(subject, binding)) continue;  // SC301 checks agents
    report.add(fmt::format("/subjects/{}", i),
               fmt::format("RoleBinding {} gives {} the {} {}, which {}", inQuotes(binding.name),
                           inQuotes(subject.name), printable(binding.roleKind), inQuotes(binding.roleName),
                           fmt::join(given, ", ")));
  }
}

}  // namespace

constinit const Rule kStandingAccess = {
    .id = "SC304",
    .slug = "standing-access",
    .title = "Nobody should have standing access to what agents hold",
    .why =
        "Who may read the Secrets of an agents' namespace, mint its tokens or run a shell in its pods is as "
        "good as the agent.",
    .fix = "bind errand-namespace-edit instead of edit, and give debug on single AgentIdentities",
    .severity = Severity::Medium,
    .tags = kTags,
    .refused = R"(Reported, not refused, is a RoleBinding to a role that reads `secrets`, creates
`serviceaccounts/token`, impersonates, or runs commands in pods (`pods/exec`), by `kubectl-errand scan` and `report`.
The ClusterRoles `edit`, `admin` and `cluster-admin` allow all four; of others the rules must be among the files, or
readable in the cluster.

```yaml
kind: RoleBinding
roleRef: {kind: ClusterRole, name: edit}   # reported
```)",
    .allowed =
        "`view`, `errand-namespace-edit`, roles of your own without those rights, and the operator's own.",
    .objects = {{kScanStages, checkObject}}};

}  // namespace errand::rules
