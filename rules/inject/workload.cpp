#include "rules/inject/workload.hpp"

#include <fmt/format.h>

#include "core/policy/workloadpod.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kJobController = "system:serviceaccount:kube-system:job-controller";
// All controllers share this user if --use-service-account-credentials is off.
constexpr std::string_view kControllerManager = "system:kube-controller-manager";

}  // namespace

std::optional<std::string> notOfWorkload(const PodView& pod, const api::TaskGrant& grant,
                                         std::string_view user) {
  const bool isJobs = grant.spec.workload.kind == api::WorkloadKind::Job;
  // The pod does not exist yet. The operator checks its workload's age before the grant starts.
  if (auto reason =
          policy::notOfWorkload({pod.name, pod.uid, pod.controller(), std::nullopt}, grant, std::nullopt))
    return reason;
  if (isJobs && user != kJobController && user != kControllerManager)
    return fmt::format("is for Job \"{}\", whose pods are created by the Job controller alone",
                       grant.spec.workload.name);
  return std::nullopt;
}

}  // namespace errand::rules
