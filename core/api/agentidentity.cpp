#include "core/api/agentidentity.hpp"

#include <algorithm>

#include "core/api/names.hpp"
#include "core/api/reader.hpp"
#include "core/api/selector.hpp"

namespace errand::api {
namespace {

constexpr std::pair<std::string_view, bool> kStates[] = {{"Enabled", false}, {"Suspended", true}};

void readRole(const Reader& r, AllowedRole& out) {
  r.read("name", out.name);
  readDanger(r, out.dangerAccepted);
}

void putRoles(nlohmann::json& out, const char* key, const std::vector<AllowedRole>& roles) {
  for (const AllowedRole& role : roles) {
    nlohmann::json& one = out[key].emplace_back(nlohmann::json{{"name", role.name}});
    putDanger(one, role.dangerAccepted);
  }
}

void readAccess(const Reader& r, Ceiling& out) {
  r.list("roles", out.roles, readRole);
  r.list("clusterRoles", out.clusterRoles, readRole);
  readNames(r, "secrets", out.secrets);
  r.list("audiences", out.audiences, [](const Reader& a, Audience& audience) {
    a.read("name", audience.name);
    a.read("file", audience.file);
  });
}

void readToolClass(const Reader& r, ToolClass& out) {
  r.read("name", out.name);
  r.read("risk", out.risk, kRisks);
  if (r.has("minimumRisk")) r.read("minimumRisk", out.minimumRisk.emplace(), kRisks);
  r.object("access", [&](const Reader& a) { readAccess(a, out.access); });
  std::optional<Seconds> maxDuration;
  r.read("maxDuration", maxDuration);
  out.maxDuration = maxDuration.value_or(Seconds{0});
  r.read("maxActiveGrants", out.maxActiveGrants);
  r.object("approval", [&](const Reader& a) { a.read("required", out.approvalsRequired); });
  r.object("slot", [&](const Reader& s) { s.read("secretName", out.slotSecretName); });
}

nlohmann::json encode(const ToolClass& c) {
  nlohmann::json access = nlohmann::json::object();
  putRoles(access, "roles", c.access.roles);
  putRoles(access, "clusterRoles", c.access.clusterRoles);
  putNames(access, "secrets", c.access.secrets);
  for (const Audience& a : c.access.audiences)
    access["audiences"].push_back({{"name", a.name}, {"file", a.file}});
  nlohmann::json out = {{"name", c.name},
                        {"risk", nameOf(c.risk, kRisks)},
                        {"maxDuration", formatDuration(c.maxDuration)},
                        {"maxActiveGrants", c.maxActiveGrants},
                        {"approval", {{"required", c.approvalsRequired}}}};
  if (c.minimumRisk) out["minimumRisk"] = nameOf(*c.minimumRisk, kRisks);
  if (!access.empty()) out["access"] = std::move(access);
  if (!c.slotSecretName.empty()) out["slot"] = {{"secretName", c.slotSecretName}};
  return out;
}

}  // namespace

std::string_view toString(Risk risk) {
  for (const auto& [name, value] : kRisks)
    if (value == risk) return name;
  return "Critical";
}

const Audience* Ceiling::audience(std::string_view name) const {
  const auto it = std::ranges::find(audiences, name, &Audience::name);
  return it == audiences.end() ? nullptr : &*it;
}

const AllowedRole* Ceiling::role(std::string_view kind, std::string_view name) const {
  const auto& list = kind == "ClusterRole" ? clusterRoles : roles;
  const auto it = std::ranges::find(list, name, &AllowedRole::name);
  return it == list.end() ? nullptr : &*it;
}

const ToolClass* AgentIdentity::toolClass(std::string_view name) const {
  const auto it = std::ranges::find(toolClasses, name, &ToolClass::name);
  return it == toolClasses.end() ? nullptr : &*it;
}

template <>
Result<AgentIdentity> decode(const nlohmann::json& value) {
  AgentIdentity out;
  const Reader r(value);
  readMeta(r, out.meta);
  r.object("spec", [&](const Reader& spec) {
    spec.read("owner", out.owner);
    spec.read("description", out.description);
    std::string state = "Enabled";
    spec.read("state", state);
    out.suspended = state != "Enabled";
    spec.read("expiresAt", out.expiresAt);
    spec.object("podSelector", [&](const Reader& s) { readSelector(s, out.podSelector); });
    spec.list("toolClasses", out.toolClasses, readToolClass);
  });
  r.object("status", [&](const Reader& status) {
    status.read("observedGeneration", out.status.observedGeneration);
    status.list("serviceAccounts", out.status.serviceAccounts,
                [](const Reader& a, AgentIdentity::Account& account) {
                  a.read("toolClass", account.toolClass);
                  a.read("name", account.name);
                  a.read("uid", account.uid);
                });
    status.read("activeGrants", out.status.activeGrants);
    status.read("lastGrantAt", out.status.lastGrantAt);
    readConditions(status, out.status.conditions);
  });
  return r.finish(std::move(out));
}

nlohmann::json encode(const AgentIdentity::Status& s) {
  nlohmann::json out = {{"observedGeneration", s.observedGeneration}, {"activeGrants", s.activeGrants}};
  for (const auto& a : s.serviceAccounts)
    put(out["serviceAccounts"].emplace_back(nlohmann::json{{"toolClass", a.toolClass}, {"name", a.name}}),
        "uid", a.uid);
  put(out, "lastGrantAt", s.lastGrantAt);
  if (!s.conditions.empty()) out["conditions"] = encode(s.conditions);
  return out;
}

nlohmann::json encode(const AgentIdentity& identity) {
  nlohmann::json spec = {{"owner", identity.owner}, {"state", nameOf(identity.suspended, kStates)}};
  put(spec, "description", identity.description);
  put(spec, "expiresAt", identity.expiresAt);
  if (const auto selector = encode(identity.podSelector); !selector.empty()) spec["podSelector"] = selector;
  for (const ToolClass& c : identity.toolClasses) spec["toolClasses"].push_back(encode(c));
  return {{"apiVersion", kGroupVersion},
          {"kind", "AgentIdentity"},
          {"metadata", encode(identity.meta)},
          {"spec", std::move(spec)},
          {"status", encode(identity.status)}};
}

}  // namespace errand::api
