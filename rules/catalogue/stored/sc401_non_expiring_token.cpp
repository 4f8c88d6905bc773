// SC401.
#include <fmt/format.h>

#include "core/api/accounts.hpp"
#include "rules/catalogue/catalogue.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kTags[] = {"NHI2", "NHI7", "ASI03"};

// Returns the account whose token the object is, or holds.
std::string_view accountOf(const ObjectView& object) {
  if (object.kind != "Secret") return object.name;
  const auto named = object.annotations.find("kubernetes.io/service-account.name");
  return named == object.annotations.end() ? std::string_view() : named->second;
}

void checkObject(const ObjectCheckInput& input, Reporter& report) {
  const ObjectView& object = input.object;
  // Not exemptible: an Exemption would otherwise allow a token without an end for an agent's account.
  if (api::isAgentAccount(accountOf(object))) report.neverExempt();
  // The reader reads the type only from Secrets, and the list only from ServiceAccounts.
  if (object.type == "kubernetes.io/service-account-token")
    report.add("/type", fmt::format("Secret {} is a service account's token without an end (type {})",
                                    inQuotes(object.name), object.type));
  for (size_t i = 0; i < object.secrets.size(); ++i)
    report.add(fmt::format("/secrets/{}", i),
               fmt::format("ServiceAccount {} lists Secret {} (secrets[{}])", inQuotes(object.name),
                           inQuotes(object.secrets[i]), i));
}

}  // namespace

constinit const Rule kNonExpiringToken = {
    .id = "SC401",
    .slug = "non-expiring-token",
    .title = "No token of a service account must be kept in a Secret",
    .why =
        "The token that Kubernetes puts into such a Secret never expires and is bound to no pod. A copy of "
        "it is valid until the Secret is deleted.",
    .fix = "leave the Secret out and ask for a TaskGrant, whose tokens last ten minutes",
    .severity = Severity::Critical,
    .tags = kTags,
    .refused =
        R"(The rule rejects a Secret of type `kubernetes.io/service-account-token`, whatever its account, and a
ServiceAccount with `secrets`.

```yaml
kind: Secret
type: kubernetes.io/service-account-token   # refused
```

No Exemption covers such a Secret of an agent's account (`errand-a.…` or `errand-g.…`), or the
account itself.)",
    .allowed = "Secrets of other types; ServiceAccounts without `secrets`.",
    .policy = "errand-tokens-at-rest",
    .objects = {{kObjectStages, checkObject}}};

}  // namespace errand::rules
