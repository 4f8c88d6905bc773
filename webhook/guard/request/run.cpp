#include "webhook/guard/request/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "core/api/accounts.hpp"
#include "core/api/resource.hpp"
#include "rules/catalogue/catalogue.hpp"
#include "rules/view/describe.hpp"

namespace errand::webhook {
namespace {

// Controllers that create workloads and pods from objects whose author was checked. Other accounts of
// kube-system may act for any user, like a chart installer, so they are not listed. The webhook configuration
// excludes workloads that these controllers write, but not their pods.
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

}  // namespace

RequestVerdict evaluateRun(const rules::RequestInfo& info, std::string_view kind, std::string_view name,
                           const rules::PodView& pod, const rules::ClusterState& cluster) {
  if (isController(info.requester.user)) return {};
  Authorization authorization(cluster, info.requester, info.ns);
  std::set<std::string, std::less<>> agents;
  const std::string where = fmt::format("{} {}", kind, rules::inQuotes(name));
  const auto require = [&](std::string_view agent, std::string_view why) {
    if (agents.emplace(agent).second) authorization.require(fmt::format("{}: {}", where, why), "run", agent);
  };
  if (pod.account().starts_with(api::kBaseAccountPrefix))
    require(api::agentOfBaseAccount(pod.account()), "its pods run as " + rules::inQuotes(pod.account()));
  for (const auto& grant : cluster.grantsOfWorkload(info.ns, kind, name))
    require(grant->spec.agentIdentity, "TaskGrant " + rules::inQuotes(grant->meta.name) + " names it");
  if (const std::string_view label = pod.label(api::kGrantLabel); !label.empty()) {
    if (const auto grant = cluster.grant(info.ns, label))
      require(grant->spec.agentIdentity, "its pods are for TaskGrant " + rules::inQuotes(label));
    else if (agents.emplace("").second)
      authorization.require(
          fmt::format("{}: its pods are for TaskGrant {}, which does not exist", where,
                      rules::inQuotes(label)),
          "run", api::kAgentIdentities.group, api::kAgentIdentities.plural, "",
          "create the TaskGrant first, so that the verb run on its AgentIdentity is enough");
  }
  return std::move(authorization).verdict();
}

std::optional<rules::Finding> frozenTemplate(std::string_view ns, std::string_view kind,
                                             std::string_view name, const rules::ClusterState& cluster) {
  for (const auto& grant : cluster.grantsOfWorkload(ns, kind, name))
    if (grant->status.phase == api::Phase::Active)
      return rules::Finding{
          rules::kForeignToolClass.id,
          fmt::format("{} {}: the template of its pods cannot change while TaskGrant {} is Active", kind,
                      rules::inQuotes(name), rules::inQuotes(grant->meta.name)),
          "wait for the grant's end, or end it (spec.revoke)", ""};
  return std::nullopt;
}

}  // namespace errand::webhook
