#include <fmt/format.h>

#include <algorithm>

#include "cli/explain/lines.hpp"
#include "core/policy/workloadpod.hpp"

namespace errand::cli {
namespace {

constexpr size_t kMostPods = 5;

bool isGated(const api::Pod& pod) {
  return std::ranges::find(pod.schedulingGates, api::kSchedulingGate) != pod.schedulingGates.end();
}

bool hasFinished(const api::Pod& pod) { return pod.phase == "Succeeded" || pod.phase == "Failed"; }

// Returns why the pod does not belong to the grant's workload, such as its age.
std::optional<std::string> notThisPod(const api::Pod& pod, const ExplainFacts& facts) {
  const auto& grant = facts.grant.value;
  if (!grant || grant->terminal() || grant->spec.delivery != api::DeliveryMode::Projected ||
      !facts.nsObject.value)
    return std::nullopt;
  const policy::NamespaceFacts ns = policy::factsOf(facts.nsObject.value->meta);
  if (!ns.enforcedSince) return std::nullopt;  // the line of the namespace says so
  return policy::notOfWorkload(
      {pod.meta.name, pod.meta.uid, pod.meta.controller(), pod.meta.creationTimestamp}, *grant,
      ns.enforcedSince);
}

CheckLine lineOf(const api::Pod& pod, const ExplainFacts& facts) {
  CheckLine out{"pod", "Pod/" + pod.meta.name, Verdict::Ok, pod.phase};
  if (hasFinished(pod)) return out;
  if (const auto reason = notThisPod(pod, facts))
    return wrong("pod", out.object,
                 {{"", "", fmt::format("TaskGrant \"{}\" {}", facts.grant.value->meta.name, *reason)}});
  if (!isGated(pod)) return out;
  if (facts.grant.value && facts.grant.value->terminal())
    return wrong(
        "pod", out.object,
        {{"spec.schedulingGates", "",
          fmt::format("the pod waits at its gate for TaskGrant {}, which has ended; create another grant, "
                      "then create the workload again",
                      facts.grant.value->meta.name)}});
  out.verdict = Verdict::Waits;
  out.text = "waits at its scheduling gate until the grant is Active";
  return out;
}

}  // namespace

Lines podLines(const ExplainFacts& facts) {
  if (facts.pods.isUnknown())
    return {{"pod", "pods of " + facts.workloadName.text(), Verdict::Unknown, facts.pods.unread}};
  if (!facts.pods.value) return {};
  Lines out;
  for (const api::Pod& pod : *facts.pods.value) {
    if (out.size() == kMostPods) {
      out.push_back(
          {"pod", "", Verdict::Note, fmt::format("{} more pods", facts.pods.value->size() - kMostPods)});
      break;
    }
    out.push_back(lineOf(pod, facts));
  }
  if (out.empty() && facts.workload.value)
    out.push_back({"pod", "", Verdict::Note, facts.workloadName.text() + " has no pod"});
  return out;
}

}  // namespace errand::cli
