// SC103. What a grant's account may project is judged by SC104 against the whole completion.
#include <fmt/format.h>

#include "webhook/inject/automount.hpp"
#include "webhook/rules/catalogue.hpp"
#include "webhook/rules/holder.hpp"
#include "webhook/rules/token/audience.hpp"
#include "webhook/rules/where.hpp"

namespace errand::webhook {
namespace {

constexpr std::string_view kTags[] = {"NHI5", "ASI03"};

void check(const Judged& judged, Reporter& report) {
  if (judged.ephemeralOnly || judged.pod.account().starts_with(kGrantAccountPrefix)) return;
  for (const Volume& volume : judged.pod.volumes) {
    if (isAutomounted(judged.pod, volume)) continue;
    for (const TokenSource& token : volume.tokens) {
      if (isApiAudience(token.audience, judged.views.settings))
        report.add(pathOf(judged.pod, volume),
                   fmt::format("volume {} projects a token for the API server ({})", inQuotes(volume.name),
                               token.field));
      else if (isCloudAudience(token.audience))
        report.add(pathOf(judged.pod, volume),
                   fmt::format("volume {} projects a token for the cloud {} ({})", inQuotes(volume.name),
                               inQuotes(token.audience), token.field),
                   "ask for a TaskGrant with the audience (access.audiences) and leave the source out");
    }
  }
}

}  // namespace

constinit const Rule kApiToken = {
    .id = "SC103",
    .slug = "api-audience-token",
    .title = "A pod must not project a token for the API server or a cloud outside a grant",
    .why =
        "Such a token is good for everything that the account may do, for as long as the pod runs, whatever "
        "the pod is doing at the moment. A cloud gives a role's credentials for it, whatever its life.",
    .fix =
        "ask for a TaskGrant with roles and leave the source out, or name the audience of the service that "
        "is called",
    .severity = Severity::High,
    .tags = kTags,
    .refused = R"(Refused is a `serviceAccountToken` source without an audience, or with
`https://kubernetes.default.svc` or `https://kubernetes.default.svc.cluster.local`, or with an audience that
the webhook's own token for the API server has, or one that `--api-audience` names.
`kubectl-errand scan` and `report` take such names by `--api-audience`. The policy knows
the first two names alone: where the API server has others, write them into its list.

Refused are also the audiences by which clouds take a pod's token for a role's: `sts.amazonaws.com` and
`sts.amazonaws.com.cn`, `pods.eks.amazonaws.com`, `api://AzureADTokenExchange…`, `//iam.googleapis.com/…` and
`https://iam.googleapis.com/…`, `….svc.id.goog`, `sts.aliyuncs.com`, `iam` (IBM). The audience
of a service of your own that gives credentials for tokens can be named by `--api-audience`, beside those of the API server.

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
