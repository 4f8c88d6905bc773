// SC305. A pod that was created for a task ends with it. A pod with a slot continues with the next task, and
// so do its open connections.
#include <fmt/format.h>

#include <optional>
#include <string>

#include "core/policy/dangerous.hpp"
#include "rules/catalogue/catalogue.hpp"
#include "rules/catalogue/rbac/holders.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kTags[] = {"NHI1", "ASI03"};

void checkIdentity(const ObjectCheckInput& input, Reporter& report) {
  forAbsentRoles(input, [&](const std::string& path, const api::AgentIdentity& identity,
                            const api::ToolClass& c, const api::AllowedRole& role, const RoleFacts*) {
    if (c.slotSecretName.empty() || !policy::isBuiltInStreaming(role.name)) return;
    report.add(path, fmt::format("ClusterRole {}, which tool class {} of AgentIdentity {} may get in a "
                                 "slot, leaves connections open after the task",
                                 inQuotes(role.name), inQuotes(c.name), inQuotes(identity.meta.name)));
  });
}

// Returns the role as the subject of a message; nullopt if no tool class may get it in a slot.
std::optional<std::string> givenInSlot(const ObjectCheckInput& input) {
  const auto holder = firstHolder(
      input, [](const api::ToolClass& c, const api::AllowedRole&) { return !c.slotSecretName.empty(); });
  if (!holder) return std::nullopt;
  return fmt::format("{} {}, which tool class {} of AgentIdentity {} may get in a slot,", input.object.kind,
                     inQuotes(input.object.name), inQuotes(holder->toolClass->name),
                     inQuotes(holder->identity->meta.name));
}

void checkRole(const ObjectCheckInput& input, Reporter& report) {
  // The reader reads rules only from roles.
  const auto rule = policy::streamingRule(input.object.rules);
  if (!rule) return;
  if (const auto role = givenInSlot(input))
    report.add(fmt::format("/rules/{}", *rule),
               fmt::format("{} leaves connections open after the task (rules[{}])", *role, *rule));
}

void checkAggregation(const ObjectCheckInput& input, Reporter& report) {
  const ObjectView& object = input.object;
  if (!object.aggregation || policy::streamingRule(object.rules)) return;
  const auto role = givenInSlot(input);
  if (!role) return;
  for (const AggregatedRule& taken : object.aggregation->rules)
    if (policy::streamingRule({&taken.rule, 1}))
      return report.add("/aggregationRule",
                        fmt::format("{} leaves connections open after the task ({})", *role, inWords(taken)));
  for (const UnknownRules& unknown : object.aggregation->unknown)
    report.add(pathOf(unknown, object),
               fmt::format("{} has rules that cannot be checked: {}", *role, inWords(unknown, object)),
               std::string(kFixUnknown));
}

}  // namespace

constinit const Rule kSlotStreams = {
    .id = "SC305",
    .slug = "slot-streams",
    .title = "A slot's role should leave no connection open after the task",
    .why =
        "Kubernetes checks RBAC when a connection is opened, and never again. A pod that was created for a "
        "task ends with the task. A pod with a slot continues, and so do its open connections.",
    .fix =
        "take the right out of the role, or deliver such tasks by Projected, in a tool class without a slot",
    .severity = Severity::Medium,
    .tags = kTags,
    .refused =
        R"(`kubectl-errand scan` and `report` report a role that a tool class with a slot may get, if the role
allows `watch`, or reaches `log`, `exec`, `attach`, `portforward` or `proxy` of any resource. The
webhook does not reject it. The condition `StreamsEnd` of the AgentIdentity says the same. The rules
of an aggregated ClusterRole count as in [SC302](SC302.md).

```yaml
rules:
- apiGroups: [""]
  resources: [configmaps]
  verbs: [get, list, watch]   # reported
```)",
    .allowed = "`get` and `list`; any role of a tool class without a slot.",
    .objects = {
        {kScanStages, checkRole}, {{CheckStage::InFile}, checkAggregation}, {kScanStages, checkIdentity}}};

}  // namespace errand::rules
