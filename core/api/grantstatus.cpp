// The codec of TaskGrant's status.
#include "core/api/grantenums.hpp"
#include "core/api/names.hpp"
#include "core/api/reader.hpp"
#include "core/api/taskgrant.hpp"

namespace errand::api {
namespace {

void readCredential(const Reader& r, Credential& out) {
  r.read("audience", out.audience);
  r.read("credentialID", out.credentialId);
  r.read("issuedAt", out.issuedAt);
  r.read("expiresAt", out.expiresAt);
}

void readEffective(const Reader& r, TaskGrantStatus::Effective& out) {
  r.read("digest", out.digest);
  r.read("templateDigest", out.templateDigest);
  const auto readRole = [](const Reader& i, TaskGrantStatus::Role& role) {
    i.read("name", role.name);
    i.read("rulesDigest", role.rulesDigest);
    readDanger(i, role.dangerAccepted);
  };
  r.list("roles", out.roles, readRole);
  r.list("clusterRoles", out.clusterRoles, readRole);
  r.list("secrets", out.secrets, [](const Reader& i, TaskGrantStatus::LeasedSecret& secret) {
    i.read("name", secret.name);
    i.read("uid", secret.uid);
    i.read("resourceVersion", secret.resourceVersion);
  });
}

nlohmann::json encode(const TaskGrantStatus::Decision& d) {
  nlohmann::json out = {{"id", d.id}, {"action", d.action}, {"decision", d.decision}};
  put(out, "at", d.at);
  if (!d.policies.empty()) out["policies"] = d.policies;
  return out;
}

void putRoles(nlohmann::json& out, const char* key, const std::vector<TaskGrantStatus::Role>& roles) {
  for (const auto& r : roles) {
    nlohmann::json& one =
        out[key].emplace_back(nlohmann::json{{"name", r.name}, {"rulesDigest", r.rulesDigest}});
    putDanger(one, r.dangerAccepted);
  }
}

void putObject(nlohmann::json& out, const char* key, nlohmann::json value) {
  if (!value.empty()) out[key] = std::move(value);
}

}  // namespace

nlohmann::json encode(const TaskGrantStatus::Effective& e) {
  nlohmann::json out = nlohmann::json::object();
  put(out, "digest", e.digest);
  put(out, "templateDigest", e.templateDigest);
  putRoles(out, "roles", e.roles);
  putRoles(out, "clusterRoles", e.clusterRoles);
  for (const auto& s : e.secrets)
    out["secrets"].push_back({{"name", s.name}, {"uid", s.uid}, {"resourceVersion", s.resourceVersion}});
  return out;
}

void readGrantStatus(const Reader& r, TaskGrantStatus& out) {
  r.read("observedGeneration", out.observedGeneration);
  if (r.has("phase")) r.read("phase", out.phase.emplace(), kPhases);
  r.read("digest", out.digest);
  r.read("requestedBy", out.requestedBy);
  if (r.has("effectiveRisk")) r.read("effectiveRisk", out.effectiveRisk.emplace(), kRisks);
  r.object("effective", [&](const Reader& e) { readEffective(e, out.effective); });
  r.object("workload", [&](const Reader& w) {
    w.read("uid", out.workload.uid);
    w.read("templateDigest", out.workload.templateDigest);
  });
  r.object("serviceAccount", [&](const Reader& a) {
    a.read("name", out.serviceAccount.name);
    a.read("uid", out.serviceAccount.uid);
  });
  r.object("agentIdentity", [&](const Reader& a) { a.read("uid", out.identityUid); });
  r.object("parent", [&](const Reader& p) { p.read("uid", out.parentUid); });
  r.read("secretName", out.secretName);
  r.read("startedAt", out.startedAt);
  r.read("endsAt", out.endsAt);
  r.read("endedAt", out.endedAt);
  r.read("enforcedSince", out.enforcedSince);
  r.read("endedBecause", out.endedBecause);
  r.list("credentials", out.credentials, readCredential);
  r.list("approvals", out.approvals, [](const Reader& a, TaskGrantStatus::Approval& approval) {
    a.read("approver", approval.approver);
    a.read("decision", approval.decision);
    a.read("at", approval.at);
  });
  r.list("decisions", out.decisions, [](const Reader& d, TaskGrantStatus::Decision& decision) {
    d.read("id", decision.id);
    d.read("at", decision.at);
    d.read("action", decision.action);
    d.read("decision", decision.decision);
    d.read("policies", decision.policies);
  });
  r.object("revocation", [&](const Reader& v) {
    v.read("requestedAt", out.revocation.requestedAt);
    v.read("confirmedAt", out.revocation.confirmedAt);
    v.read("confirmedBy", out.revocation.confirmedBy);
    const auto readCount = [&](const char* key, std::optional<std::int64_t>& to) {
      if (v.has(key)) v.read(key, to.emplace());
    };
    readCount("rightsGoneMilliseconds", out.revocation.rightsGoneMilliseconds);
    readCount("tokenRefusedMilliseconds", out.revocation.tokenRefusedMilliseconds);
    v.read("podsEnded", out.revocation.podsEnded);
    v.read("podsRunning", out.revocation.podsRunning);
  });
  readConditions(r, out.conditions);
}

nlohmann::json encode(const std::vector<Credential>& credentials) {
  nlohmann::json out = nlohmann::json::array();
  for (const Credential& c : credentials) {
    nlohmann::json one = {{"audience", c.audience}, {"credentialID", c.credentialId}};
    put(one, "issuedAt", c.issuedAt);
    put(one, "expiresAt", c.expiresAt);
    out.push_back(std::move(one));
  }
  return out;
}

Result<std::vector<Credential>> decodeCredentials(std::string_view text) {
  auto list = parseJson(text);
  if (!list) return std::unexpected(list.error());
  const nlohmann::json wrapped = {{"credentials", std::move(*list)}};
  std::vector<Credential> out;
  const Reader r(wrapped);
  r.list("credentials", out, readCredential);
  return r.finish(std::move(out));
}

nlohmann::json encode(const TaskGrantStatus& s) {
  nlohmann::json out = {{"observedGeneration", s.observedGeneration}};
  if (s.phase) out["phase"] = nameOf(*s.phase, kPhases);
  put(out, "digest", s.digest);
  put(out, "requestedBy", s.requestedBy);
  if (s.effectiveRisk) out["effectiveRisk"] = nameOf(*s.effectiveRisk, kRisks);
  putObject(out, "effective", encode(s.effective));
  nlohmann::json workload = nlohmann::json::object();
  put(workload, "uid", s.workload.uid);
  put(workload, "templateDigest", s.workload.templateDigest);
  putObject(out, "workload", std::move(workload));
  nlohmann::json account = nlohmann::json::object();
  put(account, "name", s.serviceAccount.name);
  put(account, "uid", s.serviceAccount.uid);
  putObject(out, "serviceAccount", std::move(account));
  if (!s.identityUid.empty()) out["agentIdentity"] = {{"uid", s.identityUid}};
  if (!s.parentUid.empty()) out["parent"] = {{"uid", s.parentUid}};
  put(out, "secretName", s.secretName);
  put(out, "startedAt", s.startedAt);
  put(out, "endsAt", s.endsAt);
  put(out, "endedAt", s.endedAt);
  put(out, "enforcedSince", s.enforcedSince);
  put(out, "endedBecause", s.endedBecause);
  putObject(out, "credentials", encode(s.credentials));
  for (const auto& a : s.approvals) {
    nlohmann::json one = {{"approver", a.approver}, {"decision", a.decision}};
    put(one, "at", a.at);
    out["approvals"].push_back(std::move(one));
  }
  for (const auto& d : s.decisions) out["decisions"].push_back(encode(d));
  nlohmann::json revocation = nlohmann::json::object();
  put(revocation, "requestedAt", s.revocation.requestedAt);
  put(revocation, "confirmedAt", s.revocation.confirmedAt);
  put(revocation, "confirmedBy", s.revocation.confirmedBy);
  if (const auto& ms = s.revocation.rightsGoneMilliseconds) revocation["rightsGoneMilliseconds"] = *ms;
  if (const auto& ms = s.revocation.tokenRefusedMilliseconds) revocation["tokenRefusedMilliseconds"] = *ms;
  if (!s.revocation.podsEnded.empty()) revocation["podsEnded"] = s.revocation.podsEnded;
  if (!s.revocation.podsRunning.empty()) revocation["podsRunning"] = s.revocation.podsRunning;
  putObject(out, "revocation", std::move(revocation));
  putObject(out, "conditions", encode(s.conditions));
  return out;
}

}  // namespace errand::api
