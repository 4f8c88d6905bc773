// SC203. Which capabilities and fields count is decided by the reader: Container::powers.
#include <fmt/format.h>

#include "webhook/rules/catalogue.hpp"
#include "webhook/rules/where.hpp"

namespace errand::webhook {
namespace {

constexpr std::string_view kTags[] = {"NHI5", "ASI03"};

void check(const Judged& judged, Reporter& report) {
  for (const Container* container : judged.containers)
    for (const std::string& power : container->powers)
      report.add(pathOf(*container) + "/securityContext",
                 fmt::format("{}: securityContext has {}", describe(*container), printable(power)));
  if (judged.ephemeralOnly) return;
  for (const std::string& power : judged.pod.powers)
    report.add("/spec/securityContext", fmt::format("pod: securityContext has {}", printable(power)));
}

}  // namespace

constinit const Rule kPrivileged = {
    .id = "SC203",
    .slug = "privileged",
    .title = "A container must not be able to leave its own walls",
    .why =
        "A privileged container is root on the node, and with it holds the credentials of the kubelet and of "
        "every pod there.",
    .fix = "take the privilege out; drop ALL capabilities and add the few that are needed",
    .severity = Severity::Critical,
    .tags = kTags,
    .refused = R"(Refused are `privileged`, the capabilities SYS_ADMIN, SYS_PTRACE and ALL (with or
without `CAP_`, in any case), `procMount: Unmasked`, and `windowsOptions.hostProcess`, in
containers, init containers and ephemeral containers.

```yaml
securityContext:
  capabilities: {add: [SYS_ADMIN]}   # refused
```)",
    .allowed = "Other capabilities, such as NET_BIND_SERVICE.",
    .check = check};

}  // namespace errand::webhook
