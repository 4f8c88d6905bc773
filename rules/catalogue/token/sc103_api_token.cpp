// SC103. Skips pods of a grant's account: SC104 compares their tokens with the whole completion.
#include <fmt/format.h>

#include "core/api/accounts.hpp"
#include "rules/catalogue/catalogue.hpp"
#include "rules/catalogue/token/audience.hpp"
#include "rules/catalogue/where.hpp"
#include "rules/inject/automount.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kTags[] = {"NHI5", "ASI03"};

void check(const CheckInput& input, Reporter& report) {
  if (input.pod.account().starts_with(api::kGrantAccountPrefix)) return;
  for (const Volume& volume : input.pod.volumes) {
    if (isAutomounted(input.pod, volume)) continue;
    for (const TokenSource& token : volume.tokens) {
      if (isApiAudience(token.audience, input.settings))
        report.add(pathOf(input.pod, volume),
                   fmt::format("volume {} projects a token for the API server ({})", inQuotes(volume.name),
                               token.field));
      else if (isCloudAudience(token.audience))
        report.add(pathOf(input.pod, volume),
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
    .pods = {{kWholePodStages, check}}};

}  // namespace errand::rules
