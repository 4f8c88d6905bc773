// SC302. Checks each role that an AgentIdentity names.
#include <fmt/format.h>

#include <optional>

#include "core/policy/dangerous.hpp"
#include "rules/catalogue/catalogue.hpp"
#include "rules/catalogue/rbac/holders.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kTags[] = {"NHI5", "ASI03"};

// Describes a tool class that may get the role without accepting its danger; nullopt if there is none.
std::optional<std::string> whoMayGet(const ObjectCheckInput& input) {
  const auto holder = firstHolder(
      input, [](const api::ToolClass&, const api::AllowedRole& role) { return !role.dangerAccepted; });
  if (!holder) return std::nullopt;
  return fmt::format("tool class {} of AgentIdentity {}", inQuotes(holder->toolClass->name),
                     inQuotes(holder->identity->meta.name));
}

// Describes the danger of a rule of another ClusterRole; nullopt if it has none.
std::optional<std::string> dangerOf(const AggregatedRule& taken) {
  const auto dangers = policy::dangersOf({&taken.rule, 1});
  if (dangers.empty()) return std::nullopt;
  return fmt::format("{} ({})", inWords(dangers.front()), inWords(taken));
}

void checkRole(const ObjectCheckInput& input, Reporter& report) {
  const ObjectView& role = input.object;
  std::optional<std::string> who;
  for (const policy::Danger& danger : policy::dangersOf(role.rules)) {
    if (!who && !(who = whoMayGet(input))) return;
    report.add(fmt::format("/rules/{}", danger.rule),
               fmt::format("{} {}, which {} may get, {} (rules[{}])", role.kind, inQuotes(role.name), *who,
                           inWords(danger), danger.rule));
  }
}

void checkAggregation(const ObjectCheckInput& input, Reporter& report) {
  const ObjectView& role = input.object;
  if (!role.aggregation) return;
  const auto who = whoMayGet(input);
  if (!who) return;
  bool isBuiltIn = false;  // one danger of the built-in roles is enough
  for (const AggregatedRule& taken : role.aggregation->rules) {
    if (!taken.index && isBuiltIn) continue;
    if (const auto danger = dangerOf(taken)) {
      report.add("/aggregationRule", fmt::format("{} {}, which {} may get, aggregates a rule that {}",
                                                 role.kind, inQuotes(role.name), *who, *danger));
      isBuiltIn |= !taken.index;
    }
  }
  for (const UnknownRules& unknown : role.aggregation->unknown)
    report.add(pathOf(unknown, role),
               fmt::format("{} {}, which {} may get, has rules that cannot be checked: {}", role.kind,
                           inQuotes(role.name), *who, inWords(unknown, role)),
               std::string(kFixUnknown));
}

void checkIdentity(const ObjectCheckInput& input, Reporter& report) {
  forAbsentRoles(input, [&](const std::string& path, const api::AgentIdentity& identity,
                            const api::ToolClass&, const api::AllowedRole& role, const RoleFacts* facts) {
    if (role.dangerAccepted) return;
    const std::string names = fmt::format("AgentIdentity {} names the ClusterRole {}",
                                          inQuotes(identity.meta.name), inQuotes(role.name));
    if (policy::isBuiltInDangerous(role.name)) {
      report.add(path, names + ", which reads Secrets, mints tokens and runs commands in pods");
    } else if (facts != nullptr) {
      if (facts->additions.empty() && !facts->dangers.empty())
        report.add(path, fmt::format("{}, which {}", names, inWords(facts->dangers.front())));
      for (const AggregatedRule& added : facts->additions)
        if (const auto danger = dangerOf(added))
          report.add(path, fmt::format("{}, which aggregates a rule that {}", names, *danger));
    }
  });
}

}  // namespace

constinit const Rule kDangerousRule = {
    .id = "SC302",
    .slug = "dangerous-rule",
    .title = "A role that an agent may get must not be a way to other credentials",
    .why =
        "An agent that reads Secrets, mints tokens, impersonates, or opens a shell in another pod gets "
        "access in one call that no grant has given. The end of the grant does not remove that access.",
    .fix =
        "name the resources and verbs that the task needs, and lease Secrets by access.secrets; where the "
        "task needs just this, let the tool class accept the role by name (dangerous: Accepted)",
    .severity = Severity::Critical,
    .tags = kTags,
    .refused =
        R"(Errand has a table of the harmless verbs of each resource. Any other rule is dangerous, whatever
`resourceNames` it lists:

| Dangerous | Because |
|---|---|
| `*` as a verb or resource, an unknown verb | it may allow anything |
| any verb on `secrets` | the answers of `patch`, `create` and `deletecollection` also hold the values |
| `serviceaccounts/token`, and writing `serviceaccounts` | mints tokens, changes the account of pods |
| `impersonate`, `impersonate:…`, `impersonate-on:…` | acts as somebody else |
| `bind`, `escalate`, writing RBAC | passes on rights |
| `exec`, `attach`, `portforward`, `proxy` of pods, services and nodes, `pods/ephemeralcontainers`, any unknown subresource | enters running processes |
| creating or changing pods, workloads, and templates of pods | decides what runs, and under which account |
| writing `services`, `endpoints`, `endpointslices`, `networkpolicies`, `namespaces` | redirects traffic, opens closed connections |
| writing kinds of `errand.dev`, and the verbs on them (`request`, `run`, `approve` …) | changes what agents may get |
| writing `certificatesigningrequests`, `approve`, `sign`, `attest` | gets certificates |
| writing or deleting webhook configurations and admission policies | changes what admission rejects |
| writing any resource that is not listed, also custom ones | its controller acts on it with rights of its own: `Workflow`, `PipelineRun`, `ExternalSecret` |

The webhook rejects two writes: a Role with such a rule, if a tool class of its namespace names the
Role, and an AgentIdentity that names such a Role or ClusterRole. An aggregated ClusterRole counts
with its effective rules. A write of a ClusterRole is never rejected. The operator checks all roles
before a grant starts and while it is Active, and stalls or ends the grant (`DangerousRole`).

`kubectl-errand scan` checks Roles and ClusterRoles in files, and knows the built-in ones. It
computes the rules of an aggregated ClusterRole from the ClusterRoles in the same input. A
ClusterRole with the label `rbac.authorization.k8s.io/aggregate-to-view` adds its rules to `view`,
`edit` and `admin`. If a selector selects no ClusterRole of the input, or requires no label, the
finding says that the role cannot be checked.

```yaml
rules:
- apiGroups: [""]
  resources: [secrets]
  verbs: [patch]   # refused
```)",
    .allowed =
        R"(- reading (`get`, `list`, `watch`) of any other resource, also of custom ones and of `pods/log`
- `delete` and `deletecollection` of pods and workloads, `pods/eviction`, and the `scale` of
  workloads
- writing ConfigMaps, Events, Leases, PersistentVolumeClaims and HorizontalPodAutoscalers
- any role that no agent may get
- a role that every tool class with its name accepts:

```yaml
access:
  roles: [{name: deployment-restarter, dangerous: Accepted}]
```

An Exemption allows the write of such a Role. A grant gets the Role only if the tool class accepts
it.)",
    .objects = {{kObjectStages, checkRole},
                {{CheckStage::InFile}, checkAggregation},
                {kScanStages, checkIdentity}},
    .guarded = CheckStage::IdentityWrite};

}  // namespace errand::rules
