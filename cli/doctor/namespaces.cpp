#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cli/doctor/diagnose.hpp"
#include "cli/verdict/commands.hpp"
#include "core/policy/grantstate.hpp"
#include "rules/cluster/clusterstate.hpp"

namespace errand::cli {
namespace {

constexpr std::string_view kPodSecurity = "pod-security.kubernetes.io/enforce";

bool contains(const Read<std::vector<std::string>>& list, const std::string& name) {
  return list.value && std::ranges::find(*list.value, name) != list.value->end();
}

std::string modeField() { return fmt::format("metadata.labels[{}]", api::kEnforceLabel); }

class Namespaces {
 public:
  Namespaces(const DoctorFacts& facts, std::vector<CheckLine>& out) : facts_(facts), out_(out) {}

  void run() {
    for (const auto& [what, read] : {std::pair("RoleBindings errand-operator", &facts_.bound),
                                     std::pair("Roles errand-operator-bind", &facts_.bindRoles)})
      if (read->isUnknown()) out_.push_back({"namespaces", what, Verdict::Unknown, read->unread});
    for (const api::PartialObject& ns : *facts_.namespaces.value) check(ns.meta);
    out_.push_back({"namespaces", "", Verdict::Ok, fmt::format("{} enrolled", enrolled_)});
    if (!open_.empty())
      out_.push_back({"pod security", "", Verdict::Note,
                      fmt::format("the API server enforces no Pod Security level, or privileged, in: {}",
                                  fmt::join(open_, ", "))});
  }

 private:
  void check(const api::ObjectMeta& ns) {
    const std::string_view label = ns.label(api::kEnforceLabel);
    const rules::Mode mode = rules::modeOf(label);
    const std::string object = "Namespace/" + ns.name;
    if (mode == rules::Mode::Enforce)
      enforced(ns, object);
    else if (mode != rules::Mode::Off)
      out_.push_back({"namespace", object, Verdict::Note,
                      fmt::format("mode {}: findings are reported, and no grant starts", label)});
    else if (!label.empty())
      out_.push_back(wrong("namespace", object,
                           {{modeField(),
                             "",
                             fmt::format("\"{}\" is no mode; use true, warn or audit", label),
                             {enrollCommand(ns.name)}}}));
    else if (contains(facts_.bound, ns.name))
      out_.push_back(
          wrong("namespace", object,
                {{modeField(),
                  "NamespaceNotEnforced",
                  "half enrolled: the operator has rights there, and the namespace is not labelled, so its "
                  "pods are not "
                  "checked. Enrol it, or take the rights away",
                  {enrollCommand(ns.name),
                   fmt::format("kubectl delete rolebinding errand-operator errand-operator-bind -n {}",
                               shellWord(ns.name))}}}));
  }

  void enforced(const api::ObjectMeta& ns, const std::string& object) {
    const policy::NamespaceFacts state = policy::factsOf(ns);
    std::vector<Trouble> troubles;
    const auto missing = [&](std::string_view what, std::string_view reason, std::string_view effect) {
      troubles.push_back({std::string(what),
                          std::string(reason),
                          fmt::format("half enrolled: it does not exist, so {}", effect),
                          {enrollCommand(ns.name)}});
    };
    if (facts_.bound.value && !contains(facts_.bound, ns.name))
      missing("RoleBinding errand-operator", "NamespaceNotSynced",
              "the operator has no rights in the namespace");
    if (facts_.bindRoles.value && !contains(facts_.bindRoles, ns.name))
      missing("Role errand-operator-bind", "MayNotBind", "the operator may bind no role in the namespace");
    const auto level = ns.label(kPodSecurity);
    if (level.empty() || level == "privileged") open_.push_back(ns.name);
    if (!troubles.empty()) {
      out_.push_back(wrong("namespace", object, std::move(troubles)));
      return;
    }
    ++enrolled_;
    if (state.suspended)
      out_.push_back(
          {"namespace", object, Verdict::Note,
           "suspended: its grants are revoked, and none starts; kubectl errand resume --whole-namespace -n " +
               shellWord(ns.name)});
    if (!state.enforcedSince)
      out_.push_back(
          {"namespace", object, Verdict::Waits, "the operator has not recorded the enrolment yet"});
  }

  const DoctorFacts& facts_;
  std::vector<CheckLine>& out_;
  size_t enrolled_ = 0;
  std::vector<std::string> open_;
};

}  // namespace

void checkNamespaces(const DoctorFacts& facts, std::vector<CheckLine>& out) {
  if (!facts.namespaces.value)
    out.push_back({"namespaces", "", Verdict::Unknown, facts.namespaces.unread});
  else
    Namespaces(facts, out).run();
}

}  // namespace errand::cli
