// SC303.
#include <fmt/format.h>

#include <array>

#include "core/api/accounts.hpp"
#include "rules/catalogue/catalogue.hpp"
#include "rules/catalogue/where.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kTags[] = {"NHI5", "NHI7", "ASI03"};

// Amazon's IRSA, Google's Workload Identity, Azure's Workload Identity.
constexpr std::array<std::string_view, 4> kAnnotations = {
    "eks.amazonaws.com/role-arn", "iam.gke.io/gcp-service-account", "azure.workload.identity/client-id",
    "azure.workload.identity/tenant-id"};

void checkObject(const ObjectCheckInput& input, Reporter& report) {
  const ObjectView& account = input.object;
  if (!account.is("", "ServiceAccount") || !api::isAgentAccount(account.name)) return;
  for (const std::string_view key : kAnnotations)
    if (account.annotations.contains(key))
      report.add(mapPointer(fmt::format("metadata/annotations.{}", key)),
                 fmt::format("ServiceAccount {} has a role of a cloud ({})", inQuotes(account.name), key));
}

}  // namespace

constinit const Rule kCloudRole = {
    .id = "SC303",
    .slug = "cloud-role",
    .title = "An agent's account must not have a role of a cloud",
    .why =
        "A cloud gives its role to anybody who shows a token of the account, at any time. It knows nothing "
        "of tasks.",
    .fix = "take the annotation off, and ask for the cloud's audience by a TaskGrant (access.audiences)",
    .severity = Severity::Critical,
    .tags = kTags,
    .refused =
        R"(The rule rejects the annotations `eks.amazonaws.com/role-arn`, `iam.gke.io/gcp-service-account` and
`azure.workload.identity/client-id` or `…/tenant-id` on the ServiceAccounts `errand-a.…` and
`errand-g.…`.

```yaml
kind: ServiceAccount
metadata:
  name: errand-a.triage-bot.planner
  annotations: {eks.amazonaws.com/role-arn: "arn:…"}   # refused
```)",
    .allowed = "The annotations on accounts that belong to no agent.",
    .objects = {{kObjectStages, checkObject}}};

}  // namespace errand::rules
