#include "webhook/advice/forecast.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/api/accounts.hpp"
#include "core/api/resource.hpp"
#include "core/policy/ceiling.hpp"
#include "rules/view/describe.hpp"

namespace errand::webhook {
namespace {

using policy::Problem;

api::Requester operatorOf(const rules::RuleSettings& settings) {
  api::Requester out;
  out.user = settings.operatorUser;
  out.groups = {"system:serviceaccounts", "system:authenticated"};
  if (const auto account = api::accountOfUser(out.user))
    out.groups.push_back(fmt::format("system:serviceaccounts:{}", account->ns));
  return out;
}

// Asks whether the operator may bind each role, as it does itself before the start.
void askForRoles(Forecast& out, const api::TaskGrant& grant, const rules::ClusterState& cluster,
                 const rules::RuleSettings& settings) {
  if (settings.operatorUser.empty()) return;
  const api::Asker who = operatorOf(settings);
  const auto ask = [&](const std::vector<std::string>& names, std::string_view field,
                       const api::Resource& kind) {
    for (size_t i = 0; i < names.size(); ++i) {
      api::AccessRequest question{who,           "bind",  std::string(kind.group), std::string(kind.plural),
                                  grant.meta.ns, names[i]};
      const std::optional<bool> may = cluster.may(question);
      if (!may)
        out.asks.push_back(std::move(question));
      else if (!*may)
        out.warnings.push_back(policy::mayNotBind(fmt::format("spec.access.{}[{}]", field, i), kind.kind,
                                                  names[i], grant.meta.ns));
    }
  };
  ask(grant.spec.access.roles, "roles", api::kRoles);
  ask(grant.spec.access.clusterRoles, "clusterRoles", api::kClusterRoles);
}

}  // namespace

Forecast forecastGrant(const api::TaskGrant& grant, const rules::ClusterState& cluster,
                       const rules::RuleSettings& settings, Time now) {
  Forecast out;
  const std::string& ns = grant.meta.ns;
  const auto mode = modeOf(cluster, ns);
  if (mode && *mode != rules::Mode::Enforce) {
    out.warnings.push_back(fmt::format(
        "metadata.namespace: the grant waits until {0} is enrolled: kubectl errand enroll {0} --apply", ns));
    return out;
  }
  policy::GrantState state;
  state.grant = std::make_shared<const api::TaskGrant>(grant);
  state.identity = cluster.identity(ns, grant.spec.agentIdentity);
  if (auto problem = policy::identityProblem(state, now))
    out.warnings.push_back(std::move(problem->message));
  else
    for (Problem& beyond : policy::ceilingProblems(state)) out.warnings.push_back(std::move(beyond.message));
  askForRoles(out, grant, cluster, settings);
  return out;
}

Forecast forecastWorkload(std::string_view ns, std::string_view kind, std::string_view name,
                          const rules::PodView& pod, const rules::ClusterState& cluster) {
  Forecast out;
  const std::string_view label = pod.label(api::kGrantLabel);
  for (const auto& grant : cluster.grantsOfWorkload(ns, kind, name))
    if (grant->spec.delivery == api::DeliveryMode::Projected && label.empty())
      out.warnings.push_back(fmt::format(
          "metadata.labels: TaskGrant {0} is for this {1}, and its pods get no credentials without the "
          "label {2}: {0}",
          grant->meta.name, kind, api::kGrantLabel));
  if (label.empty()) return out;
  const auto grant = cluster.grant(ns, label);
  if (grant && (grant->spec.workload.name != name || api::toString(grant->spec.workload.kind) != kind))
    out.warnings.push_back(
        fmt::format("metadata.labels[{}]: TaskGrant {} is for {} {}, so the pods of this {} will be rejected",
                    api::kGrantLabel, rules::inQuotes(label), api::toString(grant->spec.workload.kind),
                    rules::inQuotes(grant->spec.workload.name), kind));
  return out;
}

}  // namespace errand::webhook
