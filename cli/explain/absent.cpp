#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cli/command/suggest.hpp"
#include "cli/explain/lines.hpp"
#include "cli/explain/mend.hpp"
#include "cli/verdict/commands.hpp"

namespace errand::cli {
namespace {

std::string labelField(const ExplainFacts& facts) {
  return fmt::format("{}metadata.labels[{}]", facts.workloadName.kind == "Pod" ? "" : "spec.template.",
                     api::kGrantLabel);
}

CheckLine grantLine(const ExplainFacts& facts) {
  const std::string object = facts.grantName.empty() ? "" : "TaskGrant/" + facts.grantName;
  if (facts.grant.isUnknown()) return {"grant", object, Verdict::Unknown, facts.grant.unread};
  const std::string workload = facts.workloadName.text();
  Trouble trouble;
  std::string meant = facts.grantsForWorkload.size() == 1 ? facts.grantsForWorkload.front() : "";
  if (facts.grantName.empty()) {
    trouble = {labelField(facts), "",
               fmt::format("no TaskGrant of namespace {} is for {}, and its pods do not have the label {}",
                           facts.ns, workload, api::kGrantLabel)};
  } else {
    trouble.message = fmt::format("there is no TaskGrant \"{}\" in namespace {}", facts.grantName, facts.ns);
    if (meant.empty()) meant = nearest(facts.grantName, facts.grantNames);
    if (!meant.empty()) trouble.message += fmt::format("; did you mean {}?", meant);
    if (facts.workload.value) trouble.field = labelField(facts);
  }
  if (!meant.empty() && facts.workload.value)
    if (std::string command = labelCommand(facts, {{std::string(api::kGrantLabel), meant}}); !command.empty())
      trouble.commands.push_back(std::move(command));
  return wrong("grant", object, {std::move(trouble)});
}

CheckLine targetLine(const ExplainFacts& facts) {
  const std::string object = facts.workloadName.text();
  if (facts.workload.value) return {"workload", object, Verdict::Ok, "exists"};
  if (facts.workload.isUnknown()) return {"workload", object, Verdict::Unknown, facts.workload.unread};
  return wrong("workload", object, {{"", "", fmt::format("it does not exist in namespace {}", facts.ns)}});
}

CheckLine lacking(const ExplainFacts& facts, std::string_view verb, const std::vector<std::string>& agents,
                  std::string_view use) {
  return wrong("you", facts.you.user,
               {{fmt::format("verb {} on AgentIdentity {}", verb, fmt::join(agents, ", ")),
                 "",
                 fmt::format("you may not {}; bind the ClusterRole errand-requester to the user", use),
                 {requesterCommand(facts.ns, facts.you.user)}}});
}

}  // namespace

Lines rightsLines(const ExplainFacts& facts, std::string_view agent) {
  std::vector<std::string> unrequestable, unrunnable, fine;
  for (const UserRights::Agent& a : facts.you.agents) {
    if (!agent.empty() && a.name != agent) continue;
    if (a.request == false) unrequestable.push_back(a.name);
    if (a.run == false) unrunnable.push_back(a.name);
    if (a.request == true && a.run == true) fine.push_back(a.name);
  }
  Lines out;
  // One agent that the user may serve is enough, unless the grant names another one.
  if (!fine.empty() && agent.empty()) return out;
  if (!unrequestable.empty())
    out.push_back(lacking(facts, "request", unrequestable, "request grants of the agent"));
  else if (facts.you.createsGrants == false)
    out.push_back(lacking(facts, "create on taskgrants, for", {"any"}, "create TaskGrants"));
  if (!unrunnable.empty())
    out.push_back(lacking(facts, "run", unrunnable, "create workloads that run as the agent"));
  return out;
}

Lines withoutGrant(const ExplainFacts& facts) {
  Lines out;
  if (!facts.workloadName.name.empty()) {
    out = podLines(facts);
    out.push_back(targetLine(facts));
  }
  out.push_back(grantLine(facts));
  if (facts.grant.isAbsent()) std::ranges::move(rightsLines(facts, ""), std::back_inserter(out));
  return out;
}

}  // namespace errand::cli
