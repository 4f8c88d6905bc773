// SC304. The built-in roles edit and admin are common: a cluster that refused them could not be worked in.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "webhook/rules/catalogue.hpp"
#include "webhook/rules/rbac/dangerous.hpp"

namespace errand::webhook {
namespace {

constexpr std::string_view kTags[] = {"NHI5", "ASI03"};

constexpr std::array<std::string_view, 3> kRoles = {"admin", "cluster-admin", "edit"};

void checkObject(const JudgedObject& judged, Reporter& report) {
  const ObjectView& binding = judged.object;
  if (binding.kind != "RoleBinding" || binding.roleKind != "ClusterRole" ||
      std::ranges::find(kRoles, binding.roleName) == kRoles.end())
    return;
  for (size_t i = 0; i < binding.subjects.size(); ++i) {
    const Subject& subject = binding.subjects[i];
    if (isAgent(subject, judged.ns)) continue;  // SC301
    report.add(
        fmt::format("/subjects/{}", i),
        fmt::format("RoleBinding {} gives {} the ClusterRole {}, which reads Secrets, mints tokens and "
                    "opens shells in agents' pods",
                    inQuotes(binding.name), inQuotes(subject.name), inQuotes(binding.roleName)));
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
    .refused = R"(Reported, not refused, is a RoleBinding to the ClusterRoles `edit`, `admin` and
`cluster-admin`, by `kubectl-errand scan`. All three allow `secrets`, `serviceaccounts/token`,
`impersonate` and `pods/exec`.

```yaml
kind: RoleBinding
roleRef: {kind: ClusterRole, name: edit}   # reported
```)",
    .allowed = "`view`, `errand-namespace-edit`, and roles of your own without those rights.",
    .scanOnly = true,
    .checkObject = checkObject};

}  // namespace errand::webhook
