// SC111. Names the tool class to which a foreign slot belongs. SC106 only reports that the slot is not
// granted to this pod.
#include <fmt/format.h>

#include "core/api/accounts.hpp"
#include "rules/catalogue/catalogue.hpp"
#include "rules/catalogue/secretuse.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kTags[] = {"NHI5", "NHI9", "ASI03"};

struct Owner {
  std::string agent, toolClass;
};

// Returns the tool classes with this slot. There are two if an identity claims the slot of another one.
std::vector<Owner> slotOwners(const CheckInput& input, std::string_view secret) {
  std::vector<Owner> out;
  if (secret.empty()) return out;
  for (const auto& identity : input.cluster.identities(input.ns))
    for (const api::ToolClass& toolClass : identity->toolClasses)
      if (toolClass.slotSecretName == secret) out.push_back({identity->meta.name, toolClass.name});
  return out;
}

// Returns the base account of the pod's tool class: its own account, or that of the class of its grant. Empty
// if it has neither.
std::string ownAccount(const CheckInput& input) {
  if (const std::string& account = input.pod.account(); account.starts_with(api::kBaseAccountPrefix))
    return account;
  const std::string_view name = input.pod.label(api::kGrantLabel);
  const auto grant = name.empty() ? nullptr : input.cluster.grant(input.ns, name);
  return grant ? api::baseAccountName(grant->spec.agentIdentity, grant->spec.toolClass) : std::string();
}

void check(const CheckInput& input, Reporter& report) {
  const std::string own = ownAccount(input);
  std::string first = own;
  for (const SecretUse& use : volumeSecrets(input))
    for (const auto& [agent, toolClass] : slotOwners(input, use.secret)) {
      const std::string account = api::baseAccountName(agent, toolClass);
      if (first.empty()) first = account;
      if (account != first)
        report.add(use.path,
                   fmt::format("{} is the slot of tool class {} of AgentIdentity {}, and the pod {} {}",
                               use.where, inQuotes(toolClass), inQuotes(agent),
                               own.empty() ? "already has that of" : "is of", inQuotes(first)));
    }
}

}  // namespace

constinit const Rule kForeignToolClass = {
    .id = "SC111",
    .slug = "foreign-tool-class",
    .title = "A pod must not hold credentials of two tool classes",
    .why =
        "The pod that runs the model must never be the pod that acts. If one pod has the credentials of "
        "both, the input of one tool class can make it use the rights of the other.",
    .fix = "run each tool class in a pod of its own, as that class's base account or with its grant",
    .severity = Severity::Critical,
    .tags = kTags,
    .refused =
        R"(The rule rejects a volume with the slot of a tool class in a pod that runs as the base account of
another class, or has a grant of another class. It also rejects the slot of a second class in any
pod.

```yaml
spec:
  serviceAccountName: errand-a.triage-bot.planner
  volumes:
  - name: slot
    secret: {secretName: errand-triage-remediation}   # the slot of tool class remediation: refused
```

[SC104](SC104.md) rejects a pod that the podSelector of the identity does not match. The webhook
also rejects two changes:

- of the template of a workload, while a grant that names the workload is Active (under this id)
- of the image of a pod that runs as the account of an agent or of a grant, at any time (without an
  id))",
    .allowed = "The slot of the pod's own tool class, if no other identity names the same Secret.",
    .exemptible = false,
    .pods = {{kPodStages, check}}};

}  // namespace errand::rules
