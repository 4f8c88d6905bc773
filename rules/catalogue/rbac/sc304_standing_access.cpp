// SC304. Only reports, because a cluster that rejects the built-in roles edit and admin is hardly usable.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "core/policy/dangerous.hpp"
#include "rules/catalogue/catalogue.hpp"
#include "rules/catalogue/rbac/subjects.hpp"
#include "rules/cluster/builtinroles.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kTags[] = {"NHI5", "ASI03"};

constexpr std::string_view kReads = "reads Secrets", kMints = "mints tokens", kImpersonates = "impersonates",
                           kRuns = "runs commands in pods";

// The built-in roles allow all of these in every cluster. Files seldom contain these roles.
const std::vector<std::string_view> kOfBuiltIn = {kReads, kMints, kImpersonates, kRuns};

// Returns the access to agents that the bound role gives. Empty if it gives none or its rules are not known.
std::vector<std::string_view> givenBy(const ObjectCheckInput& input) {
  const ObjectView& binding = input.object;
  const bool cluster = binding.roleKind == "ClusterRole";
  const std::string ns(cluster ? std::string_view() : input.ns);
  if (const auto role = input.cluster.role({{binding.roleKind, binding.roleName}, ns}))
    return role->accessToAgents;
  if (!cluster) return {};
  if (policy::isBuiltInDangerous(binding.roleName)) return kOfBuiltIn;
  const auto builtIn = builtInFacts(binding.roleName);
  return builtIn == nullptr ? std::vector<std::string_view>() : builtIn->accessToAgents;
}

// True for the RoleBinding that gives the operator its rights in an enrolled namespace. No grant works
// without it.
bool isOperators(const Subject& subject, const ObjectView& binding) {
  return binding.kind == "RoleBinding" && binding.roleKind == "ClusterRole" &&
         binding.roleName == "errand-operator-namespace" && subject.kind == "ServiceAccount" &&
         subject.name == "errand-operator";
}

// A Role of one of Errand's processes in their own namespace, and the access that it gives there.
struct OwnRole {
  std::string_view name, access;
};
constexpr auto kOwnRoles =
    std::to_array<OwnRole>({{"errand-cainjector", kReads}, {"errand-operator", kMints}});

// True for the binding of such a Role. Agents do not run in that namespace: in an enrolled one the same
// binding is reported.
bool isOfErrand(const Subject& subject, const ObjectCheckInput& input,
                std::span<const std::string_view> given) {
  const ObjectView& binding = input.object;
  return binding.kind == "RoleBinding" && binding.roleKind == "Role" && binding.name == binding.roleName &&
         subject.kind == "ServiceAccount" && subject.name == binding.roleName && subject.ns == input.ns &&
         modeOf(input.cluster, input.ns).value_or(Mode::Off) == Mode::Off &&
         std::ranges::any_of(kOwnRoles, [&](const OwnRole& own) {
           return own.name == binding.roleName && given.size() == 1 && given.front() == own.access;
         });
}

// A ClusterRoleBinding that Kubernetes or kubeadm creates.
struct DefaultBinding {
  std::string_view name, role, subjectKind, subject;
  std::array<std::string_view, 4> access;  // what the role gives by default
};
constexpr auto kDefaults = std::to_array<DefaultBinding>({
    {"cluster-admin", "cluster-admin", "Group", "system:masters", {kReads, kMints, kImpersonates, kRuns}},
    {"kubeadm:cluster-admins",
     "cluster-admin",
     "Group",
     "kubeadm:cluster-admins",
     {kReads, kMints, kImpersonates, kRuns}},
    {"system:kube-controller-manager",
     "system:kube-controller-manager",
     "User",
     "system:kube-controller-manager",
     {kReads, kMints}},
});

// The controllers of the controller manager whose roles give access. Each has a role of its own, and a
// ServiceAccount in kube-system.
constexpr auto kControllers = std::to_array<std::string_view>({
    "expand-controller",
    "generic-garbage-collector",
    "namespace-controller",
    "persistent-volume-binder",
    "resourcequota-controller",
    "storage-version-migrator-controller",
});
constexpr std::string_view kControllerRole = "system:controller:";
constexpr std::array kOfControllers = {kReads, kRuns};

// True if Kubernetes itself creates the binding with this subject. Name, role, subject and access must all be
// the default ones. A binding is therefore reported if it only has the name of a default one, holds another
// subject, or its role gives more.
bool isDefault(const Subject& subject, const ObjectView& binding, std::span<const std::string_view> given) {
  const auto isWithin = [&](std::span<const std::string_view> access) {
    return std::ranges::all_of(
        given, [&](std::string_view one) { return std::ranges::find(access, one) != access.end(); });
  };
  if (binding.kind != "ClusterRoleBinding") return false;
  for (const DefaultBinding& one : kDefaults)
    if (binding.name == one.name && binding.roleName == one.role && subject.kind == one.subjectKind &&
        subject.name == one.subject)
      return isWithin(one.access);
  return std::ranges::find(kControllers, subject.name) != kControllers.end() &&
         binding.roleName == fmt::format("{}{}", kControllerRole, subject.name) &&
         binding.name == binding.roleName && subject.kind == "ServiceAccount" &&
         subject.ns == "kube-system" && isWithin(kOfControllers);
}

void checkObject(const ObjectCheckInput& input, Reporter& report) {
  const ObjectView& binding = input.object;
  const bool cluster = binding.kind == "ClusterRoleBinding";
  if (!cluster && binding.kind != "RoleBinding") return;
  const auto given = givenBy(input);
  if (given.empty()) return;
  for (size_t i = 0; i < binding.subjects.size(); ++i) {
    const Subject& subject = binding.subjects[i];
    // SC301 checks agents.
    if (isAgent(subject, cluster ? std::string_view() : input.ns) || isOperators(subject, binding) ||
        isOfErrand(subject, input, given) || isDefault(subject, binding, given))
      continue;
    report.add(fmt::format("/subjects/{}", i),
               fmt::format("{} {} gives {} the {} {}, which {}{}", binding.kind, inQuotes(binding.name),
                           inQuotes(subject.name), printable(binding.roleKind), inQuotes(binding.roleName),
                           cluster ? "in every namespace " : "", fmt::join(given, ", ")));
  }
}

}  // namespace

constinit const Rule kStandingAccess = {
    .id = "SC304",
    .slug = "standing-access",
    .title = "Nobody should have standing access to what agents hold",
    .why =
        "A user who may read the Secrets of an agents' namespace, mint its tokens or run a shell in its pods "
        "has the same power as the agent.",
    .fix = "bind errand-namespace-edit instead of edit, and give debug on single AgentIdentities",
    .severity = Severity::Medium,
    .tags = kTags,
    .refused =
        R"(`kubectl-errand scan` and `report` report a RoleBinding or ClusterRoleBinding to a role that reads
`secrets`, creates `serviceaccounts/token`, impersonates, or runs commands in pods (`pods/exec`).
The webhook does not reject it. A ClusterRoleBinding gives this access in every enrolled namespace.

The ClusterRoles `edit`, `admin` and `cluster-admin` allow all four. `system:node`,
`system:kube-controller-manager` and roles of controllers allow some of them. The rules of other
roles must be among the files, or readable in the cluster. The rules of an aggregated ClusterRole
count as in [SC302](SC302.md).

```yaml
kind: RoleBinding
roleRef: {kind: ClusterRole, name: edit}   # reported
```)",
    .allowed =
        R"(`view`, `errand-namespace-edit`, roles of your own without those rights, and the bindings of
Errand's own processes.

Kubernetes' own ClusterRoleBindings are also allowed: `cluster-admin` to the group `system:masters`,
kubeadm's `kubeadm:cluster-admins`, `system:kube-controller-manager`, and `system:controller:…` to
the controllers in `kube-system`. Name, role and subject must be Kubernetes' own, and the role must
give no more access than by default.)",
    .objects = {{kScanStages, checkObject}}};

}  // namespace errand::rules
