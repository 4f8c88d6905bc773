#include "operator/plan/checks/runs.hpp"

#include <algorithm>

#include "operator/plan/checks/derived.hpp"

namespace errand::plan {
namespace {

bool runs(const api::Pod& pod) {
  return pod.phase != "Succeeded" && pod.phase != "Failed" &&
         std::ranges::find(pod.schedulingGates, api::kSchedulingGate) == pod.schedulingGates.end();
}

// The lowest activeDeadlineSeconds that the API server accepts for a pod.
constexpr std::int64_t kAtOnce = 1;

bool mayRunOn(const std::optional<std::int64_t>& deadline) {
  return deadline.value_or(kAtOnce + 1) > kAtOnce;
}

// True if the Job still runs for this grant. A grant may name any Job, so the pod template's label must
// name the grant. A Job that has not started is left alone: no deadline applies to it, and another grant
// may use it.
bool goesOn(const api::Job& job, const api::TaskGrant& grant) {
  const auto label = job.podLabels.find(api::kGrantLabel);
  if (label == job.podLabels.end() || label->second != grant.meta.name) return false;
  return job.meta.uid == grant.status.workload.uid && job.started && !job.complete && !job.failed &&
         !job.meta.deletionTimestamp;
}

}  // namespace

std::vector<std::string> podsRunning(const Observed& o) {
  std::vector<std::string> out;
  for (const auto& pod : o.pods)
    if (runs(*pod) && !pod->nodeName.empty()) out.push_back(pod->meta.name);
  std::ranges::sort(out);
  return out;
}

std::vector<EndRun> runsToEnd(const Observed& o) {
  std::vector<EndRun> out;
  const api::TaskGrant& grant = *o.grant;
  if (!everStarted(grant) || grant.spec.delivery != api::DeliveryMode::Projected || o.ns.terminating)
    return out;
  // The Job comes first, so that it creates no replacement for a pod that is ended.
  if (o.job && goesOn(*o.job, grant) && mayRunOn(o.job->activeDeadlineSeconds))
    out.push_back({api::kJobs, o.job->meta.name, o.job->meta.uid});
  for (const auto& pod : o.pods)
    if (runs(*pod) && !pod->meta.deletionTimestamp && mayRunOn(pod->activeDeadlineSeconds))
      out.push_back({api::kPods, pod->meta.name, pod->meta.uid});
  return out;
}

}  // namespace errand::plan
