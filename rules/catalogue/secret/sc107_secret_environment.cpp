// SC107.
#include <fmt/format.h>

#include "rules/catalogue/catalogue.hpp"
#include "rules/catalogue/secretuse.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kTags[] = {"NHI2", "NHI7", "ASI03"};

void check(const CheckInput& input, Reporter& report) {
  for (const SecretUse& use : environmentSecrets(input))
    if (!looksLikeTokenSecret(use.secret))
      report.add(use.path, fmt::format("{} comes from Secret {}", use.where, inQuotes(use.secret)));
}

}  // namespace

constinit const Rule kSecretInEnvironment = {
    .id = "SC107",
    .slug = "secret-in-environment",
    .title = "A Secret must not be put into a container's environment",
    .why =
        "The environment of a process is fixed when the process starts. A Secret in it outlives rotation and "
        "the end of the grant. Every child process inherits it, and it can be read in /proc.",
    .fix = "lease it by a TaskGrant (access.secrets) and read the file when it is needed",
    .severity = Severity::High,
    .tags = kTags,
    .refused =
        R"(The rule rejects `env[].valueFrom.secretKeyRef` and `envFrom[].secretRef` of containers, init
containers and ephemeral containers, whatever the Secret holds.

```yaml
env:
- name: DB_PASSWORD
  valueFrom: {secretKeyRef: {name: database, key: password}}   # refused
```)",
    .allowed = "Nothing. Mount the Secret instead.",
    .policy = "errand-pods",
    .pods = {{kPodStages, check}}};

}  // namespace errand::rules
