#include "core/api/taskgrant.hpp"

#include "core/api/grantenums.hpp"
#include "core/api/names.hpp"
#include "core/api/reader.hpp"
#include "core/base/crypto.hpp"

namespace errand::api {
namespace {

void readAccess(const Reader& r, TaskGrantSpec::Access& out) {
  readNames(r, "roles", out.roles);
  readNames(r, "clusterRoles", out.clusterRoles);
  readNames(r, "audiences", out.audiences);
  readNames(r, "secrets", out.secrets);
}

void readSpec(const Reader& r, TaskGrantSpec& out) {
  r.object("agentIdentityRef", [&](const Reader& ref) { ref.read("name", out.agentIdentity); });
  r.read("toolClass", out.toolClass);
  r.object("task", [&](const Reader& t) {
    t.read("intent", out.task.intent);
    t.read("reference", out.task.reference);
    t.read("risk", out.task.risk, kRisks);
    t.read("planDigest", out.task.planDigest);
    t.read("attributes", out.task.attributes);
  });
  r.object("workload", [&](const Reader& w) {
    w.read("kind", out.workload.kind, kWorkloadKinds);
    w.read("name", out.workload.name);
  });
  r.object("access", [&](const Reader& a) { readAccess(a, out.access); });
  r.object("window", [&](const Reader& w) {
    std::optional<Seconds> duration;
    w.read("duration", duration);
    out.window.duration = duration.value_or(Seconds{0});
    w.read("notBefore", out.window.notBefore);
    w.read("notAfter", out.window.notAfter);
  });
  r.object("delivery", [&](const Reader& d) { d.read("mode", out.delivery, kDeliveryModes); });
  r.object("parentRef", [&](const Reader& p) {
    out.parent = TaskGrantSpec::Parent{};
    p.read("name", out.parent->name);
    p.read("relation", out.parent->relation, kRelations);
  });
  r.read("ttlSecondsAfterFinished", out.ttlSecondsAfterFinished);
  r.object("revoke", [&](const Reader& v) { v.read("reason", out.revokeReason.emplace()); });
}

}  // namespace

std::string_view toString(WorkloadKind kind) {
  for (const auto& [name, value] : kWorkloadKinds)
    if (value == kind) return name;
  return "";
}

std::string_view toString(Phase phase) {
  for (const auto& [name, value] : kPhases)
    if (value == phase) return name;
  return "";
}

std::string leaseCopyName(std::string_view uid, std::string_view secret) {
  return grantAccountName(uid) + "." + sha256Hex("Secret/" + std::string(secret)).substr(0, 10);
}

template <>
Result<TaskGrant> decode(const nlohmann::json& value) {
  TaskGrant out;
  const Reader r(value);
  readMeta(r, out.meta);
  r.object("spec", [&](const Reader& spec) { readSpec(spec, out.spec); });
  r.object("status", [&](const Reader& status) { readGrantStatus(status, out.status); });
  return r.finish(std::move(out));
}

nlohmann::json encode(const TaskGrantSpec& s) {
  nlohmann::json task = {{"intent", s.task.intent}, {"risk", nameOf(s.task.risk, kRisks)}};
  put(task, "reference", s.task.reference);
  put(task, "planDigest", s.task.planDigest);
  put(task, "attributes", s.task.attributes);
  nlohmann::json access = nlohmann::json::object();
  putNames(access, "roles", s.access.roles);
  putNames(access, "clusterRoles", s.access.clusterRoles);
  putNames(access, "audiences", s.access.audiences);
  putNames(access, "secrets", s.access.secrets);
  nlohmann::json window = {{"duration", formatDuration(s.window.duration)}};
  put(window, "notBefore", s.window.notBefore);
  put(window, "notAfter", s.window.notAfter);
  nlohmann::json out = {
      {"agentIdentityRef", {{"name", s.agentIdentity}}},
      {"toolClass", s.toolClass},
      {"task", std::move(task)},
      {"workload", {{"kind", nameOf(s.workload.kind, kWorkloadKinds)}, {"name", s.workload.name}}},
      {"window", std::move(window)},
      {"delivery", {{"mode", nameOf(s.delivery, kDeliveryModes)}}},
      {"ttlSecondsAfterFinished", s.ttlSecondsAfterFinished}};
  if (!access.empty()) out["access"] = std::move(access);
  if (s.parent)
    out["parentRef"] = {{"name", s.parent->name}, {"relation", nameOf(s.parent->relation, kRelations)}};
  if (s.revokeReason) out["revoke"] = {{"reason", *s.revokeReason}};
  return out;
}

nlohmann::json encode(const TaskGrant& grant) {
  return {{"apiVersion", kGroupVersion},
          {"kind", "TaskGrant"},
          {"metadata", encode(grant.meta)},
          {"spec", encode(grant.spec)},
          {"status", encode(grant.status)}};
}

}  // namespace errand::api
