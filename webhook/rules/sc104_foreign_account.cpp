// SC104. Decided on the service account, which cannot be changed later; a label
// can. A completion is checked by making it again: what inject/ would still
// change was not made by it.
#include <fmt/format.h>

#include "webhook/inject/bylabel.hpp"
#include "webhook/rules/catalogue.hpp"
#include "webhook/rules/holder.hpp"

namespace errand::webhook {
namespace {

constexpr std::string_view kTags[] = {"NHI5", "NHI9", "ASI03"};

void checkGrant(const Judged& judged, Reporter& report) {
  const PodView& pod = judged.pod;
  const std::string_view name = pod.label(api::kGrantLabel);
  if (!pod.labels.contains(api::kGrantLabel)) {
    const auto owner = judged.views.grantOfAccount(judged.ns, pod.account());
    const std::string whose =
        owner ? "the account of TaskGrant " + inQuotes(owner->meta.name) : "a grant's account";
    return report.add(fmt::format("pod: runs as {}, {}, without the label {}", inQuotes(pod.account()), whose,
                                  api::kGrantLabel));
  }
  const auto [patch, needs] = completeFromLabel(pod, judged.ns, judged.user, judged.views);
  if (needs) report.needs(*needs);
  if (!patch) return report.add("pod: " + patch.error().message, "");
  if (!patch->empty())
    report.add(
        fmt::format("pod: is not as its TaskGrant {} completes it; another webhook may have changed {}",
                    inQuotes(name), patch->front().path));
}

void check(const Judged& judged, Reporter& report) {
  if (judged.ephemeralOnly) return;
  const std::string_view account = judged.pod.account();
  if (account.starts_with(kGrantAccountPrefix) || judged.pod.labels.contains(api::kGrantLabel))
    return checkGrant(judged, report);
  if (!account.starts_with(kBaseAccountPrefix)) return;
  if (const auto holder = holderOf(judged.pod, judged.ns, judged.views); !holder)
    report.add("pod: " + holder.error());
}

}  // namespace

constinit const Rule kForeignAccount = {
    .id = "SC104",
    .slug = "foreign-service-account",
    .title = "A pod must not run as the service account of another agent, tool class or task",
    .why =
        "Who runs as an account holds its rights. A grant's account is for the one workload that the "
        "grant names, and an agent's account for the pods that its identity selects.",
    .fix =
        "let the TaskGrant name this workload and label its pods errand.dev/task-grant, or run as the "
        "agent's own base account with labels that its podSelector matches",
    .severity = Severity::Critical,
    .tags = kTags,
    .check = check};

}  // namespace errand::webhook
