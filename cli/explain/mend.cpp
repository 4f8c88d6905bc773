#include "cli/explain/mend.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>
#include <vector>

#include "cli/command/suggest.hpp"
#include "cli/verdict/commands.hpp"
#include "core/api/provenance.hpp"

namespace errand::cli {
namespace {

using nlohmann::json;
using policy::Problem;
using policy::Reason;
using Commands = std::vector<std::string>;

// The entries of reasons.inc call these functions.
struct WayOut {
  bool ended = false, stalled = false;
  std::string_view text;
};
constexpr WayOut ended(std::string_view, std::string_view, std::string_view text) {
  return {true, false, text};
}
constexpr WayOut stalled(std::string_view, std::string_view text) { return {false, true, text}; }
constexpr WayOut waiting(std::string_view, std::string_view) { return {}; }
constexpr WayOut condition(std::string_view, std::string_view, std::string_view = "") { return {}; }
constexpr WayOut identity(std::string_view, std::string_view, std::string_view = "") { return {}; }
constexpr WayOut event(std::string_view) { return {}; }

std::string_view find(std::initializer_list<WayOut> rows, bool ofAnEnd) {
  for (const WayOut& row : rows)
    if (ofAnEnd ? row.ended : row.stalled) return row.text;
  return {};
}

// Returns Markdown without the marks of code and with links as their text.
std::string plainText(std::string_view markdown) {
  std::string out;
  for (size_t i = 0; i < markdown.size(); ++i) {
    if (markdown[i] == '`' || markdown[i] == '[') continue;
    if (markdown.substr(i).starts_with("](")) {
      i = std::min(markdown.find(')', i), markdown.size());
      continue;
    }
    out += markdown[i];
  }
  return out;
}

// Returns the only name, or the nearest one; empty if the user has to choose.
std::string choice(std::string_view wanted, const std::vector<std::string>& names) {
  return names.size() == 1 ? names.front() : nearest(wanted, names);
}

std::string editCommand(std::string_view kind, std::string_view name, std::string_view ns) {
  return fmt::format("kubectl edit {} {}{}", kind, shellWord(name), ns.empty() ? "" : " -n " + shellWord(ns));
}

class Mending {
 public:
  Mending(const Problem& problem, const ExplainFacts& facts)
      : problem_(problem), facts_(facts), grant_(*facts.grant.value), ns_(facts.ns) {}

  std::string field() const {
    const std::string& m = problem_.message;
    if (m.starts_with("spec.") || m.starts_with("slot.")) return m.substr(0, m.find_first_of(": "));
    if (problem_.reason == Reason::NamespaceNotEnforced) return "metadata.labels[errand.dev/enforce]";
    return {};
  }

  Commands commands() const {
    switch (problem_.reason) {
      case Reason::NamespaceNotEnforced:
      case Reason::NamespaceNotSynced:
        return {enrollCommand(ns_, roles())};
      case Reason::IdentityNotFound:
        return another("agentIdentityRef", choice(grant_.spec.agentIdentity, facts_.identityNames), true);
      case Reason::IdentitySuspended:
        return {fmt::format("kubectl errand resume {} -n {}", shellWord(grant_.spec.agentIdentity),
                            shellWord(ns_))};
      case Reason::NamespaceSuspended:
        return {fmt::format("kubectl errand resume --whole-namespace -n {}", shellWord(ns_))};
      case Reason::IdentityExpired:
        return {editIdentity()};
      case Reason::ToolClassNotFound:
        return another("toolClass", choice(grant_.spec.toolClass, toolClasses()), false);
      case Reason::BeyondCeiling:
        return belowCeiling();
      case Reason::WorkloadNotLabelled:
        return labelled({{std::string(api::kGrantLabel), grant_.meta.name}});
      case Reason::SlotNotMounted:
        return mountSlot();
      case Reason::MayNotBind:
        return bind();
      case Reason::DangerousRole:
        return editRole();
      case Reason::SecretNotLeasable:
        return labelSecret();
      case Reason::RootCaDiffers:
        return {"kubectl delete configmap kube-root-ca.crt -n " + shellWord(ns_)};
      case Reason::GuardsNotInForce:
        return {"kubectl errand doctor"};
      case Reason::WorkloadTooOld:
        return again();
      case Reason::RequesterNotAuthorized:
        if (const auto requester = api::recordedRequester(grant_.meta))
          return {requesterCommand(ns_, requester->user)};
        return {};
      default:
        return {};
    }
  }

 private:
  const api::ToolClass* toolClass() const {
    return facts_.identity.value ? facts_.identity.value->toolClass(grant_.spec.toolClass) : nullptr;
  }

  std::vector<std::string> toolClasses() const {
    std::vector<std::string> out;
    if (facts_.identity.value)
      for (const api::ToolClass& c : facts_.identity.value->toolClasses) out.push_back(c.name);
    return out;
  }

  std::vector<std::string> roles() const {
    std::vector<std::string> out;
    const auto add = [&](const std::string& prefix, const std::vector<std::string>& names) {
      for (const std::string& name : names)
        if (!name.starts_with("errand-operator")) out.push_back(prefix + name);
    };
    add("", grant_.spec.access.roles);
    add("clusterrole/", grant_.spec.access.clusterRoles);
    return out;
  }

  Commands another(std::string_view key, const std::string& name, bool isReference) const {
    if (name.empty()) return {};
    const json value = isReference ? json{{"name", name}} : json(name);
    return {recreateGrant(ns_, grant_.meta.name, {{std::string(key), value}})};
  }

  std::string editIdentity() const { return editCommand("agentidentity", grant_.spec.agentIdentity, ns_); }

  // Returns the role whose field begins the message.
  const RoleRead* role() const {
    for (const RoleRead& r : facts_.roles)
      if (problem_.message.starts_with(r.path + ":")) return &r;
    return nullptr;
  }

  Commands bind() const {
    const RoleRead* r = role();
    if (r == nullptr || r->role.name.starts_with("errand-operator")) return {};
    return {enrollCommand(ns_, {(r->role.kind == "ClusterRole" ? "clusterrole/" : "") + r->role.name})};
  }

  Commands editRole() const {
    const RoleRead* r = role();
    if (r == nullptr) return {editIdentity()};
    const bool ofCluster = r->role.kind == "ClusterRole";
    return {editCommand(ofCluster ? "clusterrole" : "role", r->role.name, ofCluster ? "" : ns_),
            editIdentity()};
  }

  Commands labelSecret() const {
    const auto& names = grant_.spec.access.secrets;
    for (size_t i = 0; i < names.size(); ++i)
      if (problem_.message.starts_with(fmt::format("spec.access.secrets[{}]:", i)) &&
          !names[i].starts_with("errand-"))
        return {fmt::format("kubectl label secret {} -n {} --overwrite {}=true", shellWord(names[i]),
                            shellWord(ns_), api::kLeasableLabel)};
    return {};
  }

  Commands labelled(const api::StringMap& labels) const {
    const std::string command = labelCommand(facts_, labels);
    return command.empty() ? Commands{} : Commands{command};
  }

  Commands again() const {
    const auto& [kind, name] = grant_.spec.workload;
    if (kind == api::WorkloadKind::Job) return {recreateJob(ns_, name, json::object())};
    if (kind == api::WorkloadKind::Deployment)
      return {recreateCommand("deployment", ns_, name, json::object())};
    if (kind == api::WorkloadKind::StatefulSet)
      return {recreateCommand("statefulset", ns_, name, json::object())};
    return {};
  }

  Commands mountSlot() const {
    const api::ToolClass* c = toolClass();
    const auto& [kind, name] = grant_.spec.workload;
    const bool patchable = kind == api::WorkloadKind::Deployment || kind == api::WorkloadKind::StatefulSet;
    if (c == nullptr || !patchable || !facts_.workload.value || facts_.workload.value->pod.containers.empty())
      return {};
    const json volume = {{"name", "errand-slot"},
                         {"secret", {{"secretName", c->slotSecretName}, {"optional", true}}}};
    const json mount = {{"name", "errand-slot"}, {"mountPath", "/var/run/secrets/errand.dev"}};
    const json container = {{"name", facts_.workload.value->pod.containers.front().name},
                            {"volumeMounts", json::array({mount})}};
    const json spec = {{"volumes", json::array({volume})}, {"containers", json::array({container})}};
    const json patch = {{"spec", {{"template", {{"spec", spec}}}}}};
    return {fmt::format("kubectl patch {} {} -n {} -p {}",
                        kind == api::WorkloadKind::Deployment ? "deployment" : "statefulset", shellWord(name),
                        shellWord(ns_),
                        shellWord(patch.dump(-1, ' ', false, json::error_handler_t::replace)))};
  }

  Commands belowCeiling() const {
    const api::ToolClass* c = toolClass();
    const std::string at = field();
    if (c == nullptr) return {};
    if (at == "spec.workload") {
      const auto& selector = facts_.identity.value->podSelector;
      return selector.matchExpressions.empty() ? labelled(selector.matchLabels) : Commands{editIdentity()};
    }
    json spec;
    if (at == "spec.window.duration") spec = {{"window", {{"duration", formatDuration(c->maxDuration)}}}};
    if (at == "spec.task.risk" && grant_.spec.task.risk > c->risk)
      spec = {{"task", {{"risk", api::toString(c->risk)}}}};
    if (at == "spec.delivery.mode" && grant_.spec.workload.kind <= api::WorkloadKind::Pod)
      spec = {{"delivery", {{"mode", "Projected"}}}};
    if (at.starts_with("spec.access.")) spec = allowedAccess(*c);
    Commands out;
    if (!spec.is_null()) out.push_back(recreateGrant(ns_, grant_.meta.name, spec));
    out.push_back(editIdentity());
    return out;
  }

  // Returns the access that the tool class allows; null if nothing of it is left.
  json allowedAccess(const api::ToolClass& c) const {
    json access = json::object();
    bool any = false;
    const auto keep = [&](const char* key, const std::vector<std::string>& names, const auto& isAllowed) {
      if (names.empty()) return;
      json list = json::array();
      for (const std::string& name : names)
        if (isAllowed(name)) list.push_back({{"name", name}});
      any |= !list.empty();
      access[key] = std::move(list);
    };
    const auto& wanted = grant_.spec.access;
    keep("roles", wanted.roles, [&](const auto& n) { return c.access.role("Role", n) != nullptr; });
    keep("clusterRoles", wanted.clusterRoles,
         [&](const auto& n) { return c.access.role("ClusterRole", n) != nullptr; });
    keep("audiences", wanted.audiences, [&](const auto& n) { return c.access.audience(n) != nullptr; });
    keep("secrets", wanted.secrets,
         [&](const auto& n) { return std::ranges::find(c.access.secrets, n) != c.access.secrets.end(); });
    return any ? json{{"access", access}} : json();
  }

  const Problem& problem_;
  const ExplainFacts& facts_;
  const api::TaskGrant& grant_;
  const std::string& ns_;
};

}  // namespace

Trouble mended(const Problem& problem, const ExplainFacts& facts) {
  const Mending mending(problem, facts);
  return {mending.field(), std::string(policy::toString(problem.reason)), problem.message,
          mending.commands()};
}

Trouble mended(const api::Condition& condition, const ExplainFacts& facts) {
  const auto reason = policy::reasonOf(condition);
  if (!reason) return {"", condition.reason, condition.message};
  Trouble out = mended(Problem{*reason, condition.message}, facts);
  if (const std::string text = wayOut(*reason, false); out.commands.empty() && !text.empty())
    out.message += ". " + text;
  return out;
}

std::string labelCommand(const ExplainFacts& facts, const api::StringMap& labels) {
  const auto& [kind, name] = facts.workloadName;
  const json patch = {{"spec", {{"template", {{"metadata", {{"labels", labels}}}}}}}};
  if (kind == "Job") return recreateJob(facts.ns, name, patch);
  if (kind == "Deployment") return patchCommand("deployment", facts.ns, name, patch);
  if (kind == "StatefulSet") return patchCommand("statefulset", facts.ns, name, patch);
  return {};
}

std::string wayOut(Reason reason, bool ofAnEnd) {
  switch (reason) {
#define ERRAND_REASON(name, ...) \
  case Reason::name:             \
    return plainText(find({__VA_ARGS__}, ofAnEnd));
#include "core/policy/reasons.inc"
#undef ERRAND_REASON
  }
  return {};
}

}  // namespace errand::cli
