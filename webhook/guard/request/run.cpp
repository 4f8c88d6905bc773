#include "webhook/guard/request/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "webhook/rules/catalogue.hpp"
#include "webhook/rules/holder.hpp"
#include "webhook/view/describe.hpp"

namespace errand::webhook {
namespace {

// Who makes workloads and pods of what somebody was asked about already. Other accounts of kube-system may
// act for anybody, as one that installs charts does. The webhook configuration does not send these.
constexpr std::array kControllers = std::to_array<std::string_view>({
    "system:kube-controller-manager",
    "system:serviceaccount:kube-system:cronjob-controller",
    "system:serviceaccount:kube-system:daemon-set-controller",
    "system:serviceaccount:kube-system:deployment-controller",
    "system:serviceaccount:kube-system:generic-garbage-collector",
    "system:serviceaccount:kube-system:job-controller",
    "system:serviceaccount:kube-system:replicaset-controller",
    "system:serviceaccount:kube-system:replication-controller",
    "system:serviceaccount:kube-system:statefulset-controller",
});

bool isController(std::string_view user) {
  return std::ranges::find(kControllers, user) != kControllers.end();
}

// errand-a.<agent>.<class>; neither name has a dot.
std::string_view agentOf(std::string_view account) {
  account.remove_prefix(kBaseAccountPrefix.size());
  return account.substr(0, account.find('.'));
}

}  // namespace

RequestVerdict judgeRun(const AdmissionRequest& request, std::string_view kind, std::string_view name,
                        const PodView& pod, const Views& views, const RequestViews& requests) {
  if (isController(request.user.name)) return {};
  Asking asking(requests, request.requester(), request.ns);
  std::set<std::string, std::less<>> agents;
  const std::string where = fmt::format("{} {}", kind, inQuotes(name));
  const auto require = [&](std::string_view agent, std::string_view why) {
    if (agents.emplace(agent).second) asking.require(fmt::format("{}: {}", where, why), "run", agent);
  };
  if (pod.account().starts_with(kBaseAccountPrefix))
    require(agentOf(pod.account()), "its pods run as " + inQuotes(pod.account()));
  for (const auto& grant : requests.grantsOfWorkload(request.ns, kind, name))
    require(grant->spec.agentIdentity, "TaskGrant " + inQuotes(grant->meta.name) + " names it");
  if (const std::string_view label = pod.label(api::kGrantLabel); !label.empty()) {
    if (const auto grant = views.grant(request.ns, label))
      require(grant->spec.agentIdentity, "its pods are for TaskGrant " + inQuotes(label));
    else if (agents.emplace("").second)
      asking.require(
          fmt::format("{}: its pods are for TaskGrant {}, which does not exist", where, inQuotes(label)),
          "run", api::kAgentIdentities.group, api::kAgentIdentities.plural, "",
          "create the TaskGrant first, so that the verb run on its AgentIdentity is enough");
  }
  return std::move(asking).verdict();
}

std::optional<std::string> frozenTemplate(std::string_view ns, std::string_view kind, std::string_view name,
                                          const RequestViews& requests) {
  for (const auto& grant : requests.grantsOfWorkload(ns, kind, name))
    if (grant->status.phase == api::Phase::Active)
      return Finding{kForeignToolClass.id,
                     fmt::format("{} {}: the template of its pods cannot change while TaskGrant {} is Active",
                                 kind, inQuotes(name), inQuotes(grant->meta.name)),
                     "wait for the grant's end, or end it (spec.revoke)", ""}
          .message();
  return std::nullopt;
}

}  // namespace errand::webhook
