#include <fmt/format.h>

#include "cli/explain/lines.hpp"
#include "cli/verdict/commands.hpp"
#include "core/policy/starting.hpp"

namespace errand::cli {
namespace {

std::vector<std::string> rolesOf(const ExplainFacts& facts) {
  std::vector<std::string> out;
  for (const RoleRead& r : facts.roles)
    if (!r.role.name.starts_with("errand-operator"))
      out.push_back((r.role.kind == "ClusterRole" ? "clusterrole/" : "") + r.role.name);
  return out;
}

policy::GrantState stateOf(const ExplainFacts& facts, const policy::NamespaceFacts& ns) {
  policy::GrantState out;
  auto grant = std::make_shared<api::TaskGrant>();
  grant->meta.ns = facts.ns;
  out.grant = std::move(grant);
  out.ns = ns;
  return out;
}

}  // namespace

CheckLine namespaceLine(const ExplainFacts& facts, Time now) {
  const std::string object = "Namespace/" + facts.ns;
  if (facts.nsObject.isUnknown()) return {"namespace", object, Verdict::Unknown, facts.nsObject.unread};
  if (!facts.nsObject.value) return wrong("namespace", object, {{"", "", "there is no such namespace"}});
  const policy::NamespaceFacts ns = policy::factsOf(facts.nsObject.value->meta);
  std::vector<Trouble> troubles;
  if (const auto problem = policy::enforcementProblem(stateOf(facts, ns))) {
    const std::string_view mode = facts.nsObject.value->meta.label(api::kEnforceLabel);
    troubles.push_back({fmt::format("metadata.labels[{}]", api::kEnforceLabel),
                        std::string(policy::toString(problem->reason)),
                        problem->message + (mode.empty() ? "" : fmt::format(" (it is \"{}\")", mode)),
                        {enrollCommand(facts.ns, rolesOf(facts))}});
  } else if (facts.operatorBound.value == false) {
    troubles.push_back(
        {"RoleBinding errand-operator",
         std::string(policy::toString(policy::Reason::NamespaceNotSynced)),
         "the operator has no rights in the namespace, because the RoleBinding errand-operator is "
         "missing",
         {enrollCommand(facts.ns, rolesOf(facts))}});
  }
  if (ns.suspended)
    troubles.push_back({fmt::format("metadata.labels[{}]", api::kSuspendedLabel),
                        std::string(policy::toString(policy::Reason::NamespaceSuspended)),
                        "the namespace is suspended: its grants are revoked, and none starts",
                        {"kubectl errand resume --whole-namespace -n " + shellWord(facts.ns)}});
  if (ns.terminating) troubles.push_back({"", "", "the namespace is being deleted"});
  if (!troubles.empty()) return wrong("namespace", object, std::move(troubles));
  if (!ns.enforcedSince)
    return {"namespace", object, Verdict::Waits, "enrolled; the operator has not recorded that yet"};
  if (*ns.enforcedSince > now)
    return {"namespace", object, Verdict::Waits,
            fmt::format("enrolled; objects count from {}", formatTime(*ns.enforcedSince))};
  if (facts.operatorBound.isUnknown())
    return {"namespace", object, Verdict::Unknown,
            "enrolled; RoleBinding errand-operator: " + facts.operatorBound.unread};
  return {"namespace", object, Verdict::Ok, fmt::format("enrolled since {}", formatTime(*ns.enforcedSince))};
}

}  // namespace errand::cli
