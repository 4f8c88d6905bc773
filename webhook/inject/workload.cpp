#include "webhook/inject/workload.hpp"

#include <fmt/format.h>

namespace errand::webhook {
namespace {

constexpr std::string_view kJobController = "system:serviceaccount:kube-system:job-controller";
// All controllers share this user where --use-service-account-credentials is off.
constexpr std::string_view kControllerManager = "system:kube-controller-manager";

bool isPinned(const api::TaskGrant& grant, std::string_view uid) {
  return grant.status.workload.uid.empty() || grant.status.workload.uid == uid;
}

std::optional<std::string> notOfJob(const PodView& pod, const api::TaskGrant& grant, std::string_view user) {
  const std::string& job = grant.spec.workload.name;
  const api::OwnerReference* owner = pod.controller();
  if (owner == nullptr || owner->kind != "Job" || !owner->apiVersion.starts_with("batch/") ||
      owner->name != job)
    return fmt::format("is for Job \"{}\", which is not this pod's controller", job);
  if (user != kJobController && user != kControllerManager)
    return fmt::format("is for Job \"{}\", whose pods are created by the Job controller alone", job);
  if (!isPinned(grant, owner->uid))
    return fmt::format(
        "is for an earlier Job \"{}\", which this one has replaced; a grant serves one workload", job);
  return std::nullopt;
}

}  // namespace

std::optional<std::string> notOfWorkload(const PodView& pod, const api::TaskGrant& grant,
                                         std::string_view user) {
  const std::string& name = grant.spec.workload.name;
  switch (grant.spec.workload.kind) {
    case api::WorkloadKind::Job:
      return notOfJob(pod, grant, user);
    case api::WorkloadKind::Pod:
      if (pod.name != name) return fmt::format("is for Pod \"{}\", not for this one", name);
      if (pod.controller() != nullptr)
        return fmt::format("is for a Pod \"{}\" of its own, and this one belongs to a controller", name);
      if (!isPinned(grant, pod.uid))
        return fmt::format(
            "is for an earlier Pod \"{}\", which this one replaces; a grant serves one workload", name);
      return std::nullopt;
    case api::WorkloadKind::Deployment:
    case api::WorkloadKind::StatefulSet:
      break;
  }
  return fmt::format("is for {} \"{}\", whose pods receive credentials in a slot",
                     toString(grant.spec.workload.kind), name);
}

}  // namespace errand::webhook
