// SC105. Decides by the Secret's name, because the webhook may read no Secret. SC106 and SC107 refuse other
// Secrets, whatever their type.
#include <fmt/format.h>

#include "rules/catalogue/catalogue.hpp"
#include "rules/catalogue/secretuse.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kTags[] = {"NHI2", "NHI7", "ASI03"};

void check(const CheckInput& input, Reporter& report) {
  for (const auto& uses : {environmentSecrets(input), volumeSecrets(input)})
    for (const SecretUse& use : uses)
      if (looksLikeTokenSecret(use.secret))
        report.add(use.path, fmt::format("{} uses Secret {}, a service account's token without an end",
                                         use.where, inQuotes(use.secret)));
}

}  // namespace

constinit const Rule kTokenSecret = {
    .id = "SC105",
    .slug = "token-secret",
    .title = "A pod must not use a Secret that holds a service account's token",
    .why =
        "Such a token has no expiry and is bound to no pod. Anybody with a copy keeps the rights of the "
        "account until the Secret is deleted.",
    .fix = "delete the Secret and ask for a TaskGrant, whose tokens last ten minutes and end with the task",
    .severity = Severity::Critical,
    .tags = kTags,
    .refused =
        R"(The webhook must not read Secrets. The rule therefore decides by the name that the token controller
gives: `<account>-token-` and five characters of `bcdfghjklmnpqrstvwxz2456789`. [SC106](SC106.md)
and [SC107](SC107.md) reject a token Secret of another name, like every Secret that is not granted.

```yaml
volumes:
- name: creds
  secret: {secretName: deployer-token-x7k2p}   # refused
```)",
    .allowed = R"(Nothing.)",
    .policy = "errand-pods",
    .exemptible = false,
    .pods = {{kPodStages, check}}};

}  // namespace errand::rules
