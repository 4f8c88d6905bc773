// SC114. A token for any audience counts, because a base account holds it without a task.
#include <fmt/format.h>

#include "core/api/accounts.hpp"
#include "rules/catalogue/catalogue.hpp"
#include "rules/catalogue/where.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kTags[] = {"NHI5", "NHI7", "ASI03"};

void check(const CheckInput& input, Reporter& report) {
  if (!input.pod.account().starts_with(api::kBaseAccountPrefix)) return;
  for (const Volume& volume : input.pod.volumes)
    for (const TokenSource& token : volume.tokens)
      report.add(pathOf(input.pod, volume),
                 fmt::format("volume {} projects a token of {} ({})", inQuotes(volume.name),
                             inQuotes(input.pod.account()), token.field));
}

}  // namespace

constinit const Rule kBaseAccountToken = {
    .id = "SC114",
    .slug = "base-account-token",
    .title = "A pod that runs as a tool class's base account must not project tokens of it",
    .why =
        "A base account identifies the agent at any time. A token of it is an identity for services outside "
        "of the cluster, and no task limits it.",
    .fix = "ask for a TaskGrant with the audience (access.audiences) and leave the source out",
    .severity = Severity::High,
    .tags = kTags,
    .refused =
        R"(The rule rejects every `serviceAccountToken` source in a pod that runs as
`errand-a.<agent>.<tool class>`.

```yaml
serviceAccountName: errand-a.triage.planner
volumes:
- name: token
  projected:
    sources:
    - serviceAccountToken: {path: token, audience: vault}   # refused
```)",
    .allowed = R"(The slot of the tool class, and the volume that the webhook itself adds for a grant.)",
    .pods = {{kWholePodStages, check}}};

}  // namespace errand::rules
