#include "cli/explain/explain.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/command/suggest.hpp"
#include "cli/explain/lines.hpp"
#include "cli/explain/mend.hpp"
#include "cli/verdict/commands.hpp"
#include "core/api/provenance.hpp"
#include "core/policy/conditions.hpp"
#include "core/policy/ending.hpp"
#include "core/policy/starting.hpp"
#include "rules/inject/eligible.hpp"

namespace errand::cli {
namespace {

using policy::Problem;
using policy::Reason;

constexpr std::string_view kJobController = "system:serviceaccount:kube-system:job-controller";

policy::GrantState stateOf(const ExplainFacts& facts) {
  policy::GrantState out;
  out.grant = std::make_shared<const api::TaskGrant>(*facts.grant.value);
  if (facts.identity.value) out.identity = std::make_shared<const api::AgentIdentity>(*facts.identity.value);
  if (facts.nsObject.value) out.ns = policy::factsOf(facts.nsObject.value->meta);
  const auto& [kind, name] = facts.grant.value->spec.workload;
  const bool isIts = facts.workloadName == ObjectName{std::string(api::toString(kind)), name};
  if (facts.workload.value && isIts) out.workload = facts.workload.value->facts;
  out.ancestors = facts.ancestors;
  return out;
}

constexpr Seconds kClockSkew{60};

class Chain {
 public:
  Chain(const ExplainFacts& facts, Time now)
      : facts_(facts), now_(now), grant_(*facts.grant.value), state_(stateOf(facts)) {}

  Lines checked() const {
    Lines out = podLines(facts_);
    workload(out);
    const auto before = static_cast<std::ptrdiff_t>(out.size());
    requester(out);
    identity(out);
    roles(out);
    leases(out);
    out.push_back(namespaceLine(facts_, now_));
    out.insert(out.begin() + before, grantLine(out));
    return out;
  }

 private:
  // Adds a line that is wrong if there are problems.
  void add(Lines& out, std::string check, std::string object, const std::vector<Problem>& problems,
           std::string otherwise) const {
    CheckLine line{std::move(check), std::move(object), Verdict::Ok, std::move(otherwise)};
    for (const Problem& problem : problems) line.troubles.push_back(mended(problem, facts_));
    if (!line.troubles.empty()) {
      line.verdict = Verdict::Wrong;
      line.text.clear();
    }
    out.push_back(std::move(line));
  }

  void workload(Lines& out) const {
    const std::string object = facts_.workloadName.text();
    if (facts_.workload.isUnknown()) {
      out.push_back({"workload", object, Verdict::Unknown, facts_.workload.unread});
    } else if (!facts_.workload.value) {
      absentWorkload(out, object);
    } else if (!state_.workload) {
      out.push_back(wrong("workload", object, {anothersGrant()}));
    } else {
      add(out, "workload", object, policy::workloadProblems(state_), stateOfWorkload());
      if (out.back().verdict == Verdict::Ok)
        if (auto trouble = notServed()) out.back() = wrong("workload", object, {std::move(*trouble)});
    }
  }

  std::string stateOfWorkload() const {
    const policy::WorkloadFacts& w = *state_.workload;
    return w.complete    ? "has completed"
           : w.failed    ? "has failed: " + w.message
           : w.deleting  ? "is being deleted"
           : w.suspended ? "is suspended; the grant waits until a queue resumes it"
                         : "its pods match the grant";
  }

  void absentWorkload(Lines& out, const std::string& object) const {
    const std::string& kind = facts_.workloadName.kind;
    const std::string similar = nearest(facts_.workloadName.name, facts_.workloadNames);
    if (facts_.labelled.size() == 1) {
      out.push_back(misspelt(facts_.labelled.front(), "its pods have the label of this grant"));
    } else if (!similar.empty() && (kind == "Deployment" || kind == "StatefulSet")) {
      out.push_back(misspelt(similar, "its name is similar"));
    } else {
      // Jobs and Pods are created for a task, and the names of earlier ones are often similar.
      out.push_back(
          {"workload", object, Verdict::Waits,
           "does not exist yet" + (similar.empty() ? "" : fmt::format("; {}/{} exists", kind, similar))});
      // Only the requester is expected to create the workload.
      const auto requester = api::recordedRequester(grant_.meta);
      if (requester && requester->user == facts_.you.user)
        std::ranges::move(rightsLines(facts_, grant_.spec.agentIdentity), std::back_inserter(out));
    }
  }

  CheckLine misspelt(const std::string& meant, std::string_view why) const {
    const auto& [kind, name] = facts_.workloadName;
    const std::string command =
        recreateGrant(facts_.ns, grant_.meta.name, {{"workload", {{"kind", kind}, {"name", meant}}}});
    return wrong("workload", facts_.workloadName.text(),
                 {{"spec.workload.name",
                   std::string(policy::toString(Reason::WaitingForWorkload)),
                   fmt::format("there is no {0} \"{1}\" in namespace {2}; did you mean {0} \"{3}\"? ({4})",
                               kind, name, facts_.ns, meant, why),
                   {command}}});
  }

  // Returns the webhook's reason why the pods of this workload do not get the credentials.
  std::optional<Error> refusal() const {
    return rules::notEligible(facts_.workload.value->pod, grant_,
                              facts_.identity.value ? &*facts_.identity.value : nullptr, kJobController);
  }

  // The workload's pods name this grant, and the grant is for another workload.
  Trouble anothersGrant() const {
    const auto refused = refusal();
    Trouble out{fmt::format("{}metadata.labels[{}]",
                            facts_.workloadName.kind == "Pod" ? "" : "spec.template.", api::kGrantLabel),
                "", refused ? refused->message : "the grant is for another workload"};
    if (facts_.grantsForWorkload.size() == 1) {
      const std::string& right = facts_.grantsForWorkload.front();
      out.message += fmt::format("; TaskGrant \"{}\" is for {}", right, facts_.workloadName.text());
      if (auto command = labelCommand(facts_, {{std::string(api::kGrantLabel), right}}); !command.empty())
        out.commands.push_back(std::move(command));
    } else {
      out.commands.push_back(recreateGrant(
          facts_.ns, grant_.meta.name,
          {{"workload", {{"kind", facts_.workloadName.kind}, {"name", facts_.workloadName.name}}}}));
    }
    return out;
  }

  std::optional<Trouble> notServed() const {
    const policy::WorkloadFacts& w = *state_.workload;
    if (w.complete || w.failed || grant_.spec.delivery != api::DeliveryMode::Projected) return std::nullopt;
    if (const auto it = w.podLabels.find(api::kGrantLabel);
        it != w.podLabels.end() && it->second != grant_.meta.name) {
      Trouble out{
          fmt::format("spec.template.metadata.labels[{}]", api::kGrantLabel), "",
          fmt::format("the pods of {} name TaskGrant \"{}\", and TaskGrant \"{}\" is for this workload",
                      facts_.workloadName.text(), it->second, grant_.meta.name)};
      if (auto command = labelCommand(facts_, {{std::string(api::kGrantLabel), grant_.meta.name}});
          !command.empty())
        out.commands.push_back(std::move(command));
      return out;
    }
    // NotFound is about the identity and the account, which have lines of their own. An admitted pod runs as
    // the grant's account and is bound to a node, so only a template is checked.
    if (facts_.workloadName.kind == "Pod") return std::nullopt;
    const auto refused = refusal();
    if (!refused || refused->kind == ErrorKind::NotFound || !podCanChange()) return std::nullopt;
    return Trouble{"spec.template", "", refused->message, {}};
  }

  // True unless another line names the problem: the identity's ceiling.
  bool podCanChange() const {
    return state_.identity && toolClassOf(state_) != nullptr && policy::ceilingProblems(state_).empty();
  }

  CheckLine grantLine(const Lines& others) const {
    const std::string object = "TaskGrant/" + grant_.meta.name;
    const auto found = reasonsOf(others);
    // The clock of this machine may be ahead of the operator's.
    if (const auto ending = policy::endingOf(state_, now_ - kClockSkew);
        ending && isKnown() && !found.contains(ending->because))
      return wrong("grant", object, {mended(Problem{ending->because, ending->message}, facts_)});
    const std::string phase(api::toString(grant_.status.phase.value_or(api::Phase::Pending)));
    const api::Condition* stalled = api::findCondition(grant_.status.conditions, policy::kStalled);
    const api::Condition* ready = api::findCondition(grant_.status.conditions, policy::kReady);
    if (stalled != nullptr && stalled->status == api::ConditionStatus::True)
      return stalledLine(object, phase, *stalled, others, found);
    if (grant_.status.phase == api::Phase::Active)
      return {"grant", object, Verdict::Ok,
              fmt::format("Active until {}",
                          grant_.status.endsAt ? formatTime(*grant_.status.endsAt) : "its end")};
    if (ready == nullptr)
      return {"grant", object, Verdict::Waits,
              "the operator has not seen it yet; see kubectl errand doctor if that stays"};
    return {"grant", object, Verdict::Waits, fmt::format("{}, {}: {}", phase, ready->reason, ready->message)};
  }

  CheckLine stalledLine(const std::string& object, const std::string& phase, const api::Condition& stalled,
                        const Lines& others, const std::set<Reason>& found) const {
    const auto reason = policy::reasonOf(stalled);
    if (reason && found.contains(*reason))
      return {"grant", object, Verdict::Waits, fmt::format("{}, stalled: {}", phase, stalled.reason)};
    if (reason && isCheckedHere(*reason) && exitOf(others) != 2)
      return {"grant", object, Verdict::Waits,
              fmt::format("{}; the operator reported {}, which is mended, and looks again within 15 s", phase,
                          stalled.reason)};
    CheckLine out = wrong("grant", object, {mended(stalled, facts_)});
    out.text = phase + ", stalled";
    return out;
  }

  static std::set<Reason> reasonsOf(const Lines& lines) {
    std::set<Reason> out;
    for (const CheckLine& line : lines)
      for (const Trouble& trouble : line.troubles) {
        api::Condition named;
        named.reason = trouble.reason;
        if (const auto reason = policy::reasonOf(named)) out.insert(*reason);
      }
    return out;
  }

  // True for a reason that the lines of the chain would name if it still held.
  static bool isCheckedHere(Reason reason) {
    switch (reason) {
      case Reason::NamespaceNotEnforced:
      case Reason::NamespaceNotSynced:
      case Reason::IdentityNotFound:
      case Reason::ToolClassNotFound:
      case Reason::BeyondCeiling:
      case Reason::RoleNotFound:
      case Reason::MayNotBind:
      case Reason::DangerousRole:
      case Reason::WorkloadNotLabelled:
      case Reason::SlotNotMounted:
      case Reason::SecretNotFound:
      case Reason::SecretNotLeasable:
        return true;
      default:
        return false;
    }
  }

  // True if the facts that can end a grant were read.
  bool isKnown() const {
    return facts_.ancestorsUnread.empty() && facts_.nsObject.value && !facts_.identity.isUnknown() &&
           !facts_.workload.isUnknown();
  }

  void requester(Lines& out) const {
    const auto requester = api::recordedRequester(grant_.meta);
    if (!requester) {
      out.push_back(
          wrong("requester", "",
                {mended(Problem{Reason::RequesterNotRecorded, requester.error().message}, facts_)}));
    } else if (facts_.requesterMay.value == false) {
      out.push_back(
          wrong("requester", requester->user,
                {{"verb request on AgentIdentity " + grant_.spec.agentIdentity,
                  std::string(policy::toString(Reason::RequesterNotAuthorized)),
                  "the user who created the grant may not request grants of the agent; bind the ClusterRole "
                  "errand-requester to the user",
                  {requesterCommand(facts_.ns, requester->user)}}}));
    } else if (!facts_.requesterMay.value) {
      out.push_back({"requester", requester->user, Verdict::Unknown, facts_.requesterMay.unread});
    } else {
      out.push_back({"requester", requester->user, Verdict::Ok, "may request grants of the agent"});
    }
  }

  void identity(Lines& out) const {
    const std::string object = "AgentIdentity/" + grant_.spec.agentIdentity;
    if (facts_.identity.isUnknown()) {
      out.push_back({"identity", object, Verdict::Unknown, facts_.identity.unread});
      return;
    }
    std::vector<Problem> own, ofClass;
    if (auto problem = policy::identityProblem(state_, now_))
      (problem->reason == Reason::ToolClassNotFound ? ofClass : own).push_back(std::move(*problem));
    add(out, "identity", object, own, "exists and is enabled");
    if (!own.empty()) return;
    const api::ToolClass* c = toolClassOf(state_);
    if (c != nullptr) ofClass = policy::ceilingProblems(state_);
    add(out, "class", grant_.spec.toolClass, ofClass,
        c == nullptr
            ? ""
            : fmt::format("allows what the grant asks for, at most {}", formatDuration(c->maxDuration)));
  }

  void roles(Lines& out) const {
    const api::ToolClass* c = toolClassOf(state_);
    for (const RoleRead& r : facts_.roles) {
      const std::string object = fmt::format("{}/{}", r.role.kind, r.role.name);
      const std::optional<bool> exists =
          r.found.isUnknown() ? std::nullopt : std::optional(r.found.value.has_value());
      const policy::RoleState state{r.role, r.path, exists, exists == true ? r.mayBind.value : std::nullopt};
      std::vector<Problem> problems = policy::roleProblems(state, facts_.ns);
      if (r.found.value && c != nullptr)
        if (auto danger = policy::dangerProblem(state, policy::dangersOf(r.found.value->rules), *c,
                                                grant_.spec.agentIdentity))
          problems.push_back(std::move(*danger));
      add(out, "role", object, problems, "exists, and the operator may bind it");
      if (!problems.empty()) continue;
      if (r.found.isUnknown())
        out.back() = {"role", object, Verdict::Unknown, r.found.unread};
      else if (!r.mayBind.value)
        out.back() = {"role", object, Verdict::Unknown,
                      "exists; whether the operator may bind it is not known: " + r.mayBind.unread};
    }
  }

  void leases(Lines& out) const {
    for (size_t i = 0; i < facts_.leases.size(); ++i) {
      const auto& [name, found] = facts_.leases[i];
      if (found.isUnknown()) {
        out.push_back({"secret", "Secret/" + name, Verdict::Unknown, found.unread});
        continue;
      }
      std::vector<Problem> problems;
      if (auto problem = policy::leaseProblem(i, name, found.value ? &found.value->meta : nullptr))
        problems.push_back(std::move(*problem));
      add(out, "secret", "Secret/" + name, problems, "may be leased");
    }
  }

  const ExplainFacts& facts_;
  const Time now_;
  const api::TaskGrant& grant_;
  const policy::GrantState state_;
};

// Adds Events of type Warning. If nothing else is wrong, the refusal of a workload's pods is the cause.
void addEvents(const ExplainFacts& facts, Lines& lines) {
  const bool isCause = exitOf(lines) == 0 && facts.pods.value && facts.pods.value->empty() &&
                       !(facts.grant.value && facts.grant.value->terminal());
  for (const WarningEvent& event : facts.events) {
    const std::string text = fmt::format("{}{}{}: {}", event.reason,
                                         event.count > 1 ? fmt::format(" ({} times)", event.count) : "",
                                         event.at ? " at " + formatTime(*event.at) : "", event.note);
    if (isCause && event.reason == "FailedCreate")
      lines.push_back(wrong("event", event.about, {{"", event.reason, event.note}}));
    else
      lines.push_back({"event", event.about, Verdict::Note, text});
  }
}

}  // namespace

std::vector<CheckLine> explain(const ExplainFacts& facts, Time now) {
  Lines out;
  if (!facts.grant.value) {
    out = withoutGrant(facts);
    out.push_back(namespaceLine(facts, now));
  } else if (facts.grant.value->terminal()) {
    out = podLines(facts);
    std::ranges::move(endOf(facts), std::back_inserter(out));
  } else {
    out = Chain(facts, now).checked();
  }
  addEvents(facts, out);
  return out;
}

}  // namespace errand::cli
