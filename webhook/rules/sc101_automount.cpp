// SC101. Unset counts as true, as it does for the kubelet's sake: the mutating
// half has completed it to false, unless something undid that.
#include "webhook/rules/catalogue.hpp"

namespace errand::webhook {
namespace {

constexpr std::string_view kTags[] = {"NHI5", "ASI03"};

void check(const Judged& judged, Reporter& report) {
  if (judged.ephemeralOnly) return;
  const std::optional<bool>& automount = judged.pod.automount;
  if (!automount)
    report.add("pod: automountServiceAccountToken is not set, which means true");
  else if (*automount)
    report.add("pod: automountServiceAccountToken is true");
}

}  // namespace

constinit const Rule kAutomount = {
    .id = "SC101",
    .slug = "automount",
    .title = "A pod must not have its service account's token mounted automatically",
    .why =
        "An automounted token is good for everything that the account may do, for as long as the pod "
        "runs, whatever the pod is doing at the moment.",
    .fix =
        "set automountServiceAccountToken: false or leave it out, and ask for a TaskGrant where the pod "
        "needs the API",
    .severity = Severity::High,
    .tags = kTags,
    .check = check};

}  // namespace errand::webhook
