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
        "Such a token gives all rights of the account for as long as the pod runs, whatever the pod is doing "
        "at the moment. A cloud exchanges it for the credentials of a role, however short the life of the "
        "token is.",
    .fix =
        "ask for a TaskGrant with roles and leave the source out, or name the audience of the service that "
        "is called",
    .severity = Severity::High,
    .tags = kTags,
    .refused = R"(The rule rejects a `serviceAccountToken` source for the API server. These are its audiences:

- none
- `https://kubernetes.default.svc` and `https://kubernetes.default.svc.cluster.local`
- those of the webhook's own token for the API server
- those that `--api-audience` names; `kubectl-errand scan` and `report` have this flag as well

The policy knows only the two names above. If your API server has others, add them to the list of
the policy.

The rule also rejects the audiences of tokens that clouds exchange for the credentials of a role:
`sts.amazonaws.com` and `sts.amazonaws.com.cn`, `pods.eks.amazonaws.com`,
`api://AzureADTokenExchange…`, `//iam.googleapis.com/…` and `https://iam.googleapis.com/…`,
`….svc.id.goog`, `sts.aliyuncs.com`, `iam` (IBM). If a service of your own gives credentials for
tokens, name its audience by `--api-audience` as well.

```yaml
volumes:
- name: token
  projected:
    sources:
    - serviceAccountToken: {path: token}   # refused
```)",
    .allowed = "Any other audience, and the volume that the webhook itself adds for a grant with roles.",
    .policy = "errand-pods",
    .pods = {{kWholePodStages, check}}};

}  // namespace errand::rules
