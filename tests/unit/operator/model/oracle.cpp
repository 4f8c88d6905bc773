#include "tests/unit/operator/model/oracle.hpp"

#include <fmt/format.h>

#include "core/api/taskgrant.hpp"

namespace errand::model {
namespace {

std::string text(const json& object, const char* pointer) {
  const json::json_pointer p(pointer);
  return object.contains(p) && object.at(p).is_string() ? object.at(p).get<std::string>() : std::string();
}
std::string uidOf(const json& object) { return text(object, "/metadata/uid"); }
std::string nameOf(const json& object) { return text(object, "/metadata/name"); }

bool ended(const json& grant) {
  const std::string phase = text(grant, "/status/phase");
  return phase == "Completed" || phase == "Failed" || phase == "Expired" || phase == "Revoked" ||
         phase == "Denied";
}

}  // namespace

Oracle::Oracle(ApiServer& server, const FakeClock& clock) : server_(server), clock_(clock) {
  server.onWrite = [this](const ApiServer::Write& w) { written(w); };
  server.onMint = [this](const Token& t) { minted(t); };
}

void Oracle::beginsRun(int replica) { heard_[replica] = {server_.version(), clock_.now()}; }
void Oracle::beginsCall(int replica) { calling_ = replica; }
void Oracle::endsCall(int replica) {
  heard_[replica] = {server_.version(), clock_.now()};
  calling_ = -1;
}

void Oracle::minted(const Token& token) {
  const auto it = accountUid_.find(token.account);
  if (token.probe || it == accountUid_.end()) return;
  const Moment heard = heard_[calling_];
  const std::string& grant = it->second;
  if (const auto end = endedAt_.find(grant); end != endedAt_.end() && end->second <= heard.version)
    violated(fmt::format("a token was minted for grant {} after its end was stored", grant));
  if (accountOf_[grant] != token.accountUid)
    violated(
        fmt::format("a token was minted for an account that the status of grant {} does not name", grant));
  const auto started = grantStarted_.find(grant);
  if (started == grantStarted_.end()) {
    violated(fmt::format("a token was minted for grant {} before its start was stored", grant));
  } else {
    const Time end = Time{Seconds{started->second}} + Seconds{durations_[grant]};
    if (heard.time >= end) violated(fmt::format("a token was minted for grant {} after its window", grant));
    if (token.expires > end + Seconds{600})
      violated(fmt::format("a token of grant {} outlives its window by more than 600 s", grant));
  }
}

void Oracle::secretWritten(const json* before, const json& after, bool byOperator) {
  const std::string uid = uidOf(after);
  const std::string grant = text(after, "/metadata/labels/errand.dev~1task-grant-uid");
  if (!byOperator || !after.contains("data")) return;
  const auto end = endedAt_.find(grant);
  if (end != endedAt_.end() && end->second <= heard_[calling_].version)
    violated(fmt::format("the slot of grant {} was written after its end was stored", grant));
  if (before != nullptr && before->value("data", json()) == after["data"]) return;
  const json credentials =
      json::parse(text(after, "/metadata/annotations/errand.dev~1credentials"), nullptr, false);
  if (!credentials.is_array() || credentials.empty()) return;
  const std::string issued = text(credentials[0], "/issuedAt");
  if (issued < newest_[uid])
    violated(fmt::format("the slot {} had tokens of {} and was given tokens of {}", nameOf(after),
                         newest_[uid], issued));
  newest_[uid] = issued;
}

void Oracle::written(const ApiServer::Write& w) {
  const json& object = w.after != nullptr ? *w.after : *w.before;
  const std::string uid = uidOf(object), name = nameOf(object);
  // Only the operator may create an account or binding with a grant's name. It treats those of others as
  // leftovers.
  const bool ownKind = w.kind == "taskgrants" || w.kind == "agentidentities" || w.kind == "pods" ||
                       w.kind == "namespaces" || name.starts_with("errand-g.");
  if (w.before == nullptr && !w.byOperator && !ownKind) foreign_.insert(uid);
  if (w.byOperator && foreign_.contains(uid))
    violated(fmt::format("{} {} is not the operator's and was {}", w.kind, name,
                         w.after == nullptr ? "deleted" : "changed"));

  if (w.kind == "taskgrants") {
    accountUid_[api::grantAccountName(uid)] = uid;
    if (const auto grant = api::decode<api::TaskGrant>(object))
      durations_[uid] = static_cast<int>(grant->spec.window.duration.count());
    if (w.before != nullptr && w.after != nullptr && ended(*w.before) &&
        text(*w.before, "/status/phase") != text(*w.after, "/status/phase"))
      violated(fmt::format("grant {} went from {} to {}", name, text(*w.before, "/status/phase"),
                           text(*w.after, "/status/phase")));
    const auto held = [](const json* grant) {
      return grant != nullptr && !grant->value("/metadata/finalizers"_json_pointer, json()).empty();
    };
    if (!w.byOperator && held(w.before) && !held(w.after)) letGo_.insert(uid);
    if (w.after == nullptr || ended(object)) endedAt_.try_emplace(uid, server_.version());
    accountOf_[uid] = text(object, "/status/serviceAccount/uid");
    if (const std::string at = text(object, "/status/startedAt"); !at.empty()) {
      const std::int64_t seconds = parseTime(at)->time_since_epoch().count() / 1000;
      const auto [it, first] = grantStarted_.try_emplace(uid, seconds);
      if (!first && seconds > it->second) violated(fmt::format("startedAt of grant {} moved on", name));
    }
    if (w.before != nullptr && w.after != nullptr &&
        !text(object, "/status/revocation/confirmedAt").empty() &&
        text(*w.before, "/status/revocation/confirmedAt").empty())
      for (const Token& token : server_.tokens())
        if (token.account == api::grantAccountName(uid) && server_.alive(token))
          violated(fmt::format("the end of grant {} was confirmed while a token of it was alive", name));
  }
  if (w.kind == "rolebindings" && w.after != nullptr && w.byOperator) {
    const auto grant = accountUid_.find(text(object, "/subjects/0/name"));
    if (grant != accountUid_.end() && !grantStarted_.contains(grant->second))
      violated(fmt::format("{} gives rights to a grant whose start is not stored", name));
  }
  if (w.kind == "secrets" && w.after != nullptr) secretWritten(w.before, object, w.byOperator);
}

void Oracle::checkNow() {
  for (const auto& [name, grant] : server_.all("taskgrants")) {
    const std::string phase = text(grant, "/status/phase");
    if (phase == "Active" && text(grant, "/status/startedAt").empty())
      violated(fmt::format("grant {} is Active without a start", name));
  }
}

void Oracle::checkConverged() {
  std::set<std::string> live, running;
  for (const auto& [name, grant] : server_.all("taskgrants")) {
    if (grant["metadata"].contains("deletionTimestamp") && !ended(grant))
      violated(fmt::format("grant {} is being deleted and has not ended", name));
    if (!ended(grant)) {
      if (!text(grant, "/status/startedAt").empty()) running.insert(api::grantAccountName(uidOf(grant)));
      live.insert(api::grantAccountName(uidOf(grant)));
      bool says = text(grant, "/status/phase") == "Active";
      for (const json& c : grant.value("/status/conditions"_json_pointer, json::array()))
        says = says ||
               (c["type"] == "Ready" && c["status"] == "False" && !c["reason"].get<std::string>().empty());
      if (!says) violated(fmt::format("grant {} is neither Active nor says why it waits", name));
    }
    if (text(grant, "/status/phase") == "Active" &&
        server_.find("serviceaccounts", api::grantAccountName(uidOf(grant))) == nullptr)
      violated(fmt::format("grant {} is Active without an account", name));
  }
  for (const char* kind : {"rolebindings", "serviceaccounts", "secrets"})
    for (const auto& [name, object] : server_.all(kind)) {
      if (foreign_.contains(uidOf(object)) || name.starts_with("errand-a.") || touched_.contains(name))
        continue;
      const std::string account =
          api::grantAccountName(text(object, "/metadata/labels/errand.dev~1task-grant-uid"));
      if (!live.contains(account)) violated(fmt::format("{} {} belongs to no live grant", kind, name));
    }
  // No other account may hold rights, even after tampering or forgery.
  for (const auto& [name, binding] : server_.all("rolebindings"))
    if (!foreign_.contains(uidOf(binding)) && !running.contains(binding["subjects"][0]["name"]))
      violated(
          fmt::format("rolebinding {} gives rights to a grant that has not started, or has ended", name));
}

void Oracle::checkWindowsOver() {
  checkConverged();
  for (const auto& [name, grant] : server_.all("taskgrants")) {
    if (ended(grant) && !text(grant, "/status/revocation/requestedAt").empty() &&
        text(grant, "/status/revocation/confirmedAt").empty())
      violated(fmt::format("the end of grant {} is never confirmed", name));
  }
}

void Oracle::checkRunsTold() {
  for (const auto& [name, pod] : server_.all("pods")) {
    const auto grant = accountUid_.find(text(pod, "/spec/serviceAccountName"));
    if (grant == accountUid_.end() || !endedAt_.contains(grant->second) || letGo_.contains(grant->second))
      continue;
    const bool gated = !pod.value("/spec/schedulingGates"_json_pointer, json()).empty();
    if (!gated && pod.value("/spec/activeDeadlineSeconds"_json_pointer, 0) != 1)
      violated(fmt::format("pod {} of an ended grant was never told to end", name));
  }
}

}  // namespace errand::model
