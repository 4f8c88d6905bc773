#include "cli/live/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "rules/catalogue/exempt.hpp"
#include "rules/view/describe.hpp"

namespace errand::cli {
namespace {

using rules::Finding;

// The key by which findings of pods from one template are merged.
using Same = std::tuple<std::string, std::string, std::string_view, std::string>;

// True for a binding that the operator made for a live grant. It ends with the grant, so it is no standing
// right.
bool isOfLiveGrant(const LiveObject& object, const rules::ClusterState& cluster) {
  const rules::ObjectView& binding = object.view;
  if (binding.kind != "RoleBinding" || binding.subjects.size() != 1) return false;
  const auto& subject = binding.subjects.front();
  if (subject.kind != "ServiceAccount" || (!subject.ns.empty() && subject.ns != object.ns)) return false;
  const auto grant = cluster.grantOfAccount(object.ns, subject.name);
  if (!grant || grant->terminal()) return false;
  const auto& access = grant->spec.access;
  const auto& roles = binding.roleKind == "ClusterRole" ? access.clusterRoles : access.roles;
  return std::ranges::find(roles, binding.roleName) != roles.end();
}

std::vector<Finding> findingsOf(const rules::CheckContext& context, const LiveObject& object, Time now,
                                size_t& exempted) {
  if (isOfLiveGrant(object, context.cluster)) return {};
  rules::Verdict verdict = rules::evaluate(object.view, context, rules::Stage::Existing);
  if (!verdict.findings.empty() && !object.ns.empty()) {
    const rules::PodView* pod = object.view.pod ? &*object.view.pod : nullptr;
    exempted += rules::exempt(verdict, {object.view.kind, object.view.name, pod},
                              context.cluster.exemptions(object.ns), now)
                    .size();
  }
  return std::move(verdict.findings);
}

}  // namespace

std::string LiveFinding::object() const {
  std::string out = ns.empty() ? fmt::format("{} {}", kind, rules::printable(name))
                               : fmt::format("{} {}/{}", kind, ns, rules::printable(name));
  if (others > 0) out += fmt::format(" (and {} more of {})", others, rules::printable(owner));
  return out;
}

LiveReport report(const LiveCluster& world, Time now, const rules::RuleSettings& rules) {
  LiveReport out{{}, world.broken, world.namespaces.size(), world.objects.size(), 0};
  std::map<Same, size_t> seen;
  for (const LiveObject& object : world.objects)
    for (Finding& finding : findingsOf({object.ns, "", world.context, rules}, object, now, out.exempted)) {
      if (!object.owner.empty()) {
        const auto [at, isNew] =
            seen.try_emplace({object.ns, object.owner, finding.rule, finding.text}, out.findings.size());
        if (!isNew) {
          ++out.findings[at->second].others;
          continue;
        }
      }
      out.findings.push_back({object.ns, object.apiVersion, object.view.kind, object.view.name, object.uid,
                              object.resourceVersion, object.owner, 0, std::move(finding)});
    }
  std::ranges::stable_sort(
      out.findings, {}, [](const LiveFinding& f) { return std::tie(f.ns, f.kind, f.name, f.finding.rule); });
  return out;
}

int exitCode(const LiveReport& report, rules::Severity level) {
  if (!report.broken.empty()) return 2;
  return std::ranges::any_of(report.findings, [&](const LiveFinding& found) {
    return rules::findRule(found.finding.rule)->severity >= level;
  });
}

}  // namespace errand::cli
