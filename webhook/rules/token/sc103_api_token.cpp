// SC103. What a grant's account may project is judged by SC104 against the whole completion.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "webhook/inject/automount.hpp"
#include "webhook/rules/catalogue.hpp"
#include "webhook/rules/holder.hpp"
#include "webhook/rules/where.hpp"

namespace errand::webhook {
namespace {

constexpr std::string_view kTags[] = {"NHI5", "ASI03"};

// The API server takes a token without an audience for its own; its --api-audiences default to the issuer,
// which is another in each cloud: Views::apiAudiences.
constexpr std::array<std::string_view, 3> kApiAudiences = {"", "https://kubernetes.default.svc",
                                                           "https://kubernetes.default.svc.cluster.local"};

bool isForTheApi(const TokenSource& token, const Views& views) {
  return std::ranges::find(kApiAudiences, token.audience) != kApiAudiences.end() ||
         std::ranges::find(views.apiAudiences, token.audience) != views.apiAudiences.end();
}

void check(const Judged& judged, Reporter& report) {
  if (judged.ephemeralOnly || judged.pod.account().starts_with(kGrantAccountPrefix)) return;
  for (const Volume& volume : judged.pod.volumes) {
    if (isAutomounted(judged.pod, volume)) continue;
    for (const TokenSource& token : volume.tokens)
      if (isForTheApi(token, judged.views))
        report.add(pathOf(judged.pod, volume),
                   fmt::format("volume {} projects a token for the API server ({})", inQuotes(volume.name),
                               token.field));
  }
}

}  // namespace

constinit const Rule kApiToken = {
    .id = "SC103",
    .slug = "api-audience-token",
    .title = "A pod must not project a token for the API server outside a grant",
    .why =
        "Such a token is good for everything that the account may do, for as long as the pod runs, whatever "
        "the pod is doing at the moment.",
    .fix =
        "ask for a TaskGrant with roles and leave the source out, or name the audience of the service that "
        "is called",
    .severity = Severity::High,
    .tags = kTags,
    .refused = R"(Refused is a `serviceAccountToken` source without an audience, or with
`https://kubernetes.default.svc` or `https://kubernetes.default.svc.cluster.local`, or with an audience that
the webhook's own token for the API server has (`--api-audience` where it has none).
`kubectl-errand scan` and `report` take such names by `--api-audience`. The policy knows
the first two names alone: where the API server has others, write them into its list.

```yaml
volumes:
- name: token
  projected:
    sources:
    - serviceAccountToken: {path: token}   # refused
```)",
    .allowed = R"(Another audience, and the volume that the webhook itself adds for a grant with roles.)",
    .policy = "errand-pods",
    .check = check};

}  // namespace errand::webhook
