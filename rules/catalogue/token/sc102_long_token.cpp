// SC102. The kubelet renews a projected token at 80 % of its life, so a short one costs nothing.
#include <fmt/format.h>

#include <algorithm>

#include "rules/catalogue/catalogue.hpp"
#include "rules/catalogue/token/audience.hpp"
#include "rules/catalogue/where.hpp"
#include "rules/inject/automount.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kTags[] = {"NHI7", "ASI03"};

constexpr Parameter kParameters[] = {
    {"longest", "3600", "seconds that a token may live"},
    {"longestOfMesh", "86400", "seconds for an audience of --mesh-audience (istio-ca, identity.l5d.io)"}};
constexpr std::int64_t kLongest = 3600, kLongestOfMesh = 86400;

void check(const CheckInput& input, Reporter& report) {
  const RuleSettings& settings = input.settings;
  for (const Volume& volume : input.pod.volumes) {
    if (isAutomounted(input.pod, volume)) continue;
    for (const TokenSource& token : volume.tokens) {
      const bool isApis = isApiAudience(token.audience, settings);
      const bool isOfMesh = !isApis && std::ranges::find(settings.meshAudiences, token.audience) !=
                                           settings.meshAudiences.end();
      if (!token.expirationSeconds && isApis)
        report.add(pathOf(input.pod, volume),
                   fmt::format("volume {} projects a token for the API server without a life "
                               "({}.expirationSeconds)",
                               inQuotes(volume.name), token.field));
      else if (token.expirationSeconds.value_or(kLongest) > (isOfMesh ? kLongestOfMesh : kLongest))
        report.add(pathOf(input.pod, volume),
                   fmt::format("volume {} projects a token for {} seconds ({}.expirationSeconds)",
                               inQuotes(volume.name), *token.expirationSeconds, token.field));
    }
  }
}

}  // namespace

constinit const Rule kLongToken = {
    .id = "SC102",
    .slug = "long-projected-token",
    .title = "A pod must not project a token of its service account for more than an hour",
    .why = "A copy of a token is valid until the token expires, wherever the copy is.",
    .fix = "set expirationSeconds to 3600 or less; the kubelet renews the file in time",
    .severity = Severity::Medium,
    .tags = kTags,
    .refused =
        R"(The rule rejects a `serviceAccountToken` source with `expirationSeconds` over 3600. This includes
3607: the API server takes such a token for an automounted one, and extends it to a year if it is
for the API server itself (`--service-account-extend-token-expiration`).

A file that projects a token for the API server without `expirationSeconds` is also rejected. In a
cluster the API server sets the field to 3600.

```yaml
volumes:
- name: token
  projected:
    sources:
    - serviceAccountToken: {path: token, audience: vault, expirationSeconds: 86400}   # refused
```)",
    .allowed = R"(Up to 3600 seconds, which is also the default.

Up to a day for the audience of a service mesh, because the mesh's proxy gets its certificate with
the token. These audiences are `istio-ca` and `identity.l5d.io`, or those of `--mesh-audience`
(webhook, scan, report) and of `mesh-audiences` in the ConfigMap `errand-settings`, which the policy
reads. A token for the API server never counts as one of a mesh, whatever the settings say.)",
    .parameters = kParameters,
    .policy = "errand-pods",
    .pods = {{kWholePodStages, check}}};

}  // namespace errand::rules
