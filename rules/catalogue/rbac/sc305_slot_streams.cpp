// SC305. A pod that was created for a task ends with it. A pod with a slot continues with the next task, and
// so do its open connections.
#include <fmt/format.h>

#include "core/policy/dangerous.hpp"
#include "rules/catalogue/catalogue.hpp"
#include "rules/catalogue/rbac/holders.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kTags[] = {"NHI1", "ASI03"};

void checkIdentity(const ObjectCheckInput& input, Reporter& report) {
  forBuiltIn(input, policy::isBuiltInStreaming,
             [&](std::string path, const auto& identity, const auto& c, const auto& role) {
               if (c.slotSecretName.empty()) return;
               report.add(std::move(path),
                          fmt::format("ClusterRole {}, which tool class {} of AgentIdentity {} may get in a "
                                      "slot, leaves connections open after the task",
                                      inQuotes(role.name), inQuotes(c.name), inQuotes(identity.meta.name)));
             });
}

void checkRole(const ObjectCheckInput& input, Reporter& report) {
  const ObjectView& role = input.object;
  const auto rule = policy::streamingRule(role.rules);  // the reader reads rules only from roles
  if (!rule) return;
  const auto holder = firstHolder(
      input, [](const api::ToolClass& c, const api::AllowedRole&) { return !c.slotSecretName.empty(); });
  if (!holder) return;
  report.add(fmt::format("/rules/{}", *rule),
             fmt::format("{} {}, which tool class {} of AgentIdentity {} may get in a slot, leaves "
                         "connections open after the task (rules[{}])",
                         role.kind, inQuotes(role.name), inQuotes(holder->toolClass->name),
                         inQuotes(holder->identity->meta.name), *rule));
}

}  // namespace

constinit const Rule kSlotStreams = {
    .id = "SC305",
    .slug = "slot-streams",
    .title = "A slot's role should leave no connection open after the task",
    .why =
        "Kubernetes asks RBAC when a connection is opened and never again. A pod that was made for a task "
        "ends "
        "with it; a slot's pod goes on, and with it what it has open.",
    .fix =
        "take the right out of the role, or deliver such tasks by Projected, in a tool class without a slot",
    .severity = Severity::Medium,
    .tags = kTags,
    .refused =
        R"(Reported, not refused, by `kubectl-errand scan` and `report`, is a role that a tool class with
a slot may get and that allows `watch`, or reaches `log`, `exec`, `attach`, `portforward` or `proxy` of anything. The
condition `StreamsEnd` of the AgentIdentity says the same.

```yaml
rules:
- apiGroups: [""]
  resources: [configmaps]
  verbs: [get, list, watch]   # reported
```)",
    .allowed = "`get` and `list`; any role of a tool class without a slot.",
    .objects = {{kScanStages, checkRole}, {kScanStages, checkIdentity}}};

}  // namespace errand::rules
