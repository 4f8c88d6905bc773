// SC190. A source that a later Kubernetes adds may deliver a credential that no rule checks.
#include <fmt/format.h>

#include "rules/catalogue/catalogue.hpp"
#include "rules/catalogue/where.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kTags[] = {"NHI2"};

void checkContainers(const CheckInput& input, Reporter& report) {
  for (const Container* container : input.containers) {
    for (const EnvVar& env : container->env)
      if (!env.unknownSource.empty())
        report.add(pathOf(*container, env),
                   fmt::format("{}: env {} has the unknown source {}", describe(*container),
                               printable(env.name), inQuotes(env.unknownSource)));
    for (const EnvFrom& from : container->envFrom)
      if (!from.unknownSource.empty())
        report.add(pathOf(*container) + "/envFrom",
                   fmt::format("{}: envFrom has the unknown source {}", describe(*container),
                               inQuotes(from.unknownSource)));
  }
}

void checkVolumes(const CheckInput& input, Reporter& report) {
  for (const Volume& volume : input.pod.volumes)
    for (const std::string& source : volume.unknownSources)
      report.add(pathOf(input.pod, volume),
                 fmt::format("volume {} has the unknown source {}", inQuotes(volume.name), inQuotes(source)));
}

}  // namespace

constinit const Rule kUnknownSource = {
    .id = "SC190",
    .slug = "unknown-source",
    .title = "A pod must not use a volume or environment source that this version does not know",
    .why =
        "A source that no rule knows may bring in any credential. It is therefore rejected, and not skipped.",
    .fix = "use a source of Kubernetes 1.37 or older, or install a version of Errand that knows this one",
    .severity = Severity::Medium,
    .tags = kTags,
    .refused =
        R"(An API server drops fields that it does not know itself. The rule therefore finds something only if
the cluster is newer than Errand, or in manifests that are checked offline.

```yaml
volumes:
- name: credentials
  sourceOfTheFuture: {}   # refused
```)",
    .allowed =
        R"(The volume and projected sources of Kubernetes 1.37, and its sources of environment variables.)",
    .exemptible = false,
    .pods = {{kPodStages, checkContainers}, {kWholePodStages, checkVolumes}}};

}  // namespace errand::rules
