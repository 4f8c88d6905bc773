#include "core/policy/workloadpod.hpp"

#include <fmt/format.h>

#include "core/base/excerpt.hpp"

namespace errand::policy {
namespace {

// The way for pods of controllers such as a Workflow, a TaskRun or a Sandbox.
constexpr std::string_view kOtherControllers =
    "a grant delivers to the pods of a Job, or to a Pod without a controller. Let pods of other controllers "
    "run as "
    "the base account of the tool class and mount its slot (spec.delivery.mode: Slot), or let the "
    "orchestrator create "
    "a Job";

std::string controllerOf(const PodIdentity& pod) {
  return pod.controller == nullptr ? std::string("no controller")
                                   : fmt::format("controller {} \"{}\"", excerpt(pod.controller->kind),
                                                 excerpt(pod.controller->name));
}

std::optional<std::string> notOfJob(const PodIdentity& pod, const api::TaskGrant& grant) {
  const std::string& job = grant.spec.workload.name;
  const std::string& seen = grant.status.workload.uid;
  const api::OwnerReference* owner = pod.controller;
  if (owner == nullptr || owner->kind != "Job" || !owner->apiVersion.starts_with("batch/"))
    return fmt::format("is for Job \"{}\", which is not this pod's controller: it has {}; {}", job,
                       controllerOf(pod), kOtherControllers);
  if (owner->name != job)
    return fmt::format(
        "is for Job \"{}\", which is not this pod's controller: that is Job \"{}\". A grant serves one "
        "Job, so each run of a CronJob needs a grant of its own",
        job, excerpt(owner->name));
  if (!seen.empty() && seen != owner->uid)
    return fmt::format(
        "is for an earlier Job \"{}\", which this one has replaced; a grant serves one workload", job);
  return std::nullopt;
}

std::optional<std::string> notThePod(const PodIdentity& pod, const api::TaskGrant& grant) {
  const std::string& name = grant.spec.workload.name;
  const std::string& seen = grant.status.workload.uid;
  if (pod.name != name) return fmt::format("is for Pod \"{}\", not for this one", name);
  if (pod.controller != nullptr)
    return fmt::format("is for a Pod \"{}\" of its own, and this one has {}; {}", name, controllerOf(pod),
                       kOtherControllers);
  if (!seen.empty() && seen != pod.uid)
    return fmt::format("is for an earlier Pod \"{}\", which this one replaces; a grant serves one workload",
                       name);
  return std::nullopt;
}

}  // namespace

std::optional<std::string> notOfWorkload(const PodIdentity& pod, const api::TaskGrant& grant,
                                         std::optional<Time> enforcedSince) {
  if (pod.created && (!enforcedSince || *pod.created < *enforcedSince))
    return fmt::format(
        "serves no pod that was created before its namespace was enforced ({}); create the pod again",
        enforcedSince ? formatTime(*enforcedSince) : "not yet");
  switch (grant.spec.workload.kind) {
    case api::WorkloadKind::Job:
      return notOfJob(pod, grant);
    case api::WorkloadKind::Pod:
      return notThePod(pod, grant);
    case api::WorkloadKind::Deployment:
    case api::WorkloadKind::StatefulSet:
      break;
  }
  return fmt::format("is for {} \"{}\", whose pods receive credentials in a slot",
                     toString(grant.spec.workload.kind), grant.spec.workload.name);
}

}  // namespace errand::policy
