#include "tests/bench/samples.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <nlohmann/json.hpp>

namespace errand::bench {
namespace {

using nlohmann::json;

constexpr int kNamespaces = 100;
constexpr std::int64_t kEpoch = 1'790'000'000;

// Digits that do not repeat from one object to the next, as real uids and digests have them.
std::uint64_t mixed(std::uint64_t n) {
  n = (n + 0x9e3779b97f4a7c15ULL) * 0xbf58476d1ce4e5b9ULL;
  n = (n ^ (n >> 31)) * 0x94d049bb133111ebULL;
  return n ^ (n >> 29);
}

std::string uid(std::uint64_t n) {
  const std::uint64_t a = mixed(n), b = mixed(n + 77);
  return fmt::format("{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}", a >> 32, a >> 16 & 0xffff, a & 0xfff,
                     b >> 48 & 0xfff, b & 0xffffffffffff);
}

std::string digest(std::uint64_t n) {
  return fmt::format("sha256:{:016x}{:016x}{:016x}{:016x}", mixed(n), mixed(n + 1), mixed(n + 2),
                     mixed(n + 3));
}

std::string nsName(int i) { return fmt::format("team-{:02}-agents", i % kNamespaces); }
std::string agentName(int i) { return fmt::format("triage-bot-{:05}", i); }
Time at(std::int64_t seconds) { return Time{Seconds{kEpoch + seconds}}; }

api::Condition condition(const char* type, bool value, const char* reason, const char* message, int i) {
  return {type,      reason, message, value ? api::ConditionStatus::True : api::ConditionStatus::False,
          1 + i % 2, at(i)};
}

json managedFields(const json& object) {
  // FieldsV1 names each field once more, below f:; the API server writes one entry a manager.
  const auto fields = [](const json& value, const auto& self) -> json {
    json out = json::object();
    if (value.is_object())
      for (const auto& [key, item] : value.items()) out["f:" + key] = self(item, self);
    return out;
  };
  const auto entry = [](const char* manager, const char* operation, json what) {
    return json{{"manager", manager},        {"operation", operation},   {"apiVersion", api::kGroupVersion},
                {"time", formatTime(at(0))}, {"fieldsType", "FieldsV1"}, {"fieldsV1", std::move(what)}};
  };
  json status = entry("errand-operator", "Update", {{"f:status", fields(object["status"], fields)}});
  status["subresource"] = "status";
  return json::array(
      {entry("orchestrator", "Apply", {{"f:spec", fields(object["spec"], fields)}}), std::move(status)});
}

}  // namespace

api::AgentIdentity identity(int i) {
  api::AgentIdentity out;
  out.meta.name = agentName(i);
  out.meta.ns = nsName(i);
  out.meta.uid = uid(static_cast<std::uint64_t>(i) + 10'000'000);
  out.meta.resourceVersion = std::to_string(700'000 + i);
  out.meta.generation = 3;
  out.meta.creationTimestamp = at(-i);
  out.meta.labels = {{"app.kubernetes.io/managed-by", "argocd"}, {"team", nsName(i)}};
  out.owner = "payments-sre@example.com";
  out.description = "Restarts and scales what the runbooks of this team allow";
  out.podSelector.matchLabels = {{"app", agentName(i)}};
  for (const char* name : {"diagnosis", "remediation"}) {
    api::ToolClass c;
    c.name = name;
    c.risk = api::Risk::High;
    c.access.roles = {{"pod-reader"}, {"deployment-restarter", true}, {"scaler"}};
    c.access.audiences = {{"https://vault.example.com", "vault-token"}};
    c.maxDuration = Seconds{900};
    c.maxActiveGrants = 20;
    out.toolClasses.push_back(c);
    out.status.serviceAccounts.push_back(
        {name, api::baseAccountName(out.meta.name, name), uid(static_cast<std::uint64_t>(i) + 20'000'000)});
  }
  out.status.observedGeneration = 3;
  out.status.activeGrants = 5;
  out.status.lastGrantAt = at(i);
  out.status.conditions = {condition("Ready", true, "Ready", "grants of this identity may start", i),
                           condition("Stalled", false, "Ready", "grants of this identity may start", i)};
  return out;
}

api::TaskGrant grant(int i, int identities) {
  const auto n = static_cast<std::uint64_t>(i) * 16;
  const int agent = i % identities;
  api::TaskGrant out;
  out.meta.name = fmt::format("inc-{}-restart-checkout", 40'000 + i);
  out.meta.ns = nsName(agent);
  out.meta.uid = uid(n);
  out.meta.resourceVersion = std::to_string(1'000'000 + i);
  out.meta.generation = 1;
  out.meta.creationTimestamp = at(i);
  out.meta.labels = {{"app.kubernetes.io/managed-by", "orchestrator"},
                     {"incident", fmt::format("INC-{}", 40'000 + i)}};
  out.meta.finalizers = {std::string(api::kFinalizer)};
  out.spec.agentIdentity = agentName(agent);
  out.spec.toolClass = "remediation";
  out.spec.task.intent =
      fmt::format("Restart checkout after the out-of-memory kill of incident {}", 40'000 + i);
  out.spec.task.reference = fmt::format("INC-{}", 40'000 + i);
  out.spec.task.planDigest = digest(n + 1);
  out.spec.task.risk = api::Risk::Medium;
  out.spec.workload = {api::WorkloadKind::Job, fmt::format("fix-checkout-{}", 40'000 + i)};
  out.spec.access.roles = {"deployment-restarter", "pod-reader"};
  out.spec.window.duration = Seconds{900};
  api::TaskGrantStatus& s = out.status;
  s.observedGeneration = 1;
  s.phase = api::Phase::Active;
  s.digest = digest(n + 2);
  s.requestedBy = "system:serviceaccount:" + out.meta.ns + ":orchestrator";
  s.effectiveRisk = api::Risk::Medium;
  s.effective.digest = digest(n + 3);
  s.effective.roles = {{"deployment-restarter", digest(1'000'001)}, {"pod-reader", digest(1'000'002)}};
  s.workload = {uid(n + 4), digest(n + 5)};
  s.serviceAccount = {api::grantAccountName(out.meta.uid), uid(std::hash<std::string>{}(out.meta.uid))};
  s.identityUid = uid(static_cast<std::uint64_t>(agent) + 10'000'000);
  s.enforcedSince = at(-1);
  s.startedAt = at(i + 1);
  s.endsAt = at(i + 901);
  s.credentials = {{"", uid(n + 6), at(i + 1), at(i + 601)}};
  s.conditions = {condition("Ready", true, "Active", "the workload may use its credentials", i),
                  condition("Reconciling", false, "Active", "the workload may use its credentials", i),
                  condition("Stalled", false, "Active", "the workload may use its credentials", i)};
  return out;
}

api::ServiceAccount accountOf(const api::TaskGrant& grant) {
  api::ServiceAccount out;
  out.meta.name = api::grantAccountName(grant.meta.uid);
  out.meta.ns = grant.meta.ns;
  out.meta.uid = uid(std::hash<std::string>{}(grant.meta.uid));
  out.meta.resourceVersion = grant.meta.resourceVersion;
  out.meta.creationTimestamp = grant.meta.creationTimestamp;
  out.meta.labels = {{std::string(api::kGrantLabel), grant.meta.name},
                     {std::string(api::kGrantUidLabel), grant.meta.uid}};
  out.meta.owners = {{std::string(api::kGroupVersion), "TaskGrant", grant.meta.name, grant.meta.uid, true}};
  out.automount = false;
  return out;
}

api::RoleBinding bindingOf(const api::TaskGrant& grant) {
  api::RoleBinding out;
  out.meta = accountOf(grant).meta;
  out.meta.uid = uid(std::hash<std::string>{}(grant.meta.uid) + 1);
  out.meta.name += ".r." + grant.spec.access.roles.front();
  out.role = {"Role", grant.spec.access.roles.front()};
  out.subjects = {{"ServiceAccount", api::grantAccountName(grant.meta.uid), grant.meta.ns}};
  return out;
}

std::string grantList(int count) {
  std::string out =
      R"({"kind":"TaskGrantList","apiVersion":"errand.dev/v1alpha1","metadata":{"resourceVersion":"9000000"},"items":[)";
  for (int i = 0; i < count; ++i) {
    json object = api::encode(grant(i, 10'000));
    object["metadata"]["managedFields"] = managedFields(object);
    if (i > 0) out += ',';
    out += object.dump();
  }
  return out + "]}";
}

}  // namespace errand::bench
