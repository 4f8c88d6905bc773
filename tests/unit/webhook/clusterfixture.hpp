// A small cluster for reviews: identities and grants in memory, and requests as
// the API server sends them.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/base/crypto.hpp"
#include "rules/cluster/memoryclusterstate.hpp"
#include "webhook/review.hpp"

namespace errand::webhook {

using namespace rules;  // NOLINT(google-build-using-namespace): tests of the webhook are tests of its
                        // catalogue

using nlohmann::json;

inline constexpr std::string_view kGrantUid = "3f2b8c1e-9a4d-4c7e-8b21-0123456789ab";
inline constexpr std::string_view kOperator = "system:serviceaccount:errand-system:errand-operator";
// Within the window that activeGrant() has.
inline const Time kNow = parseTime("2026-11-24T12:05:00Z").value();
inline constexpr std::string_view kJobController = "system:serviceaccount:kube-system:job-controller";

// Objects by their own names and namespaces, and the answers that a test sets. The namespace "free" is
// not enrolled, "audit" and "warn" are in that mode, "agents" and "others" are enforced. No other is
// known.
class ClusterFixture : public MemoryClusterState {
 public:
  // A role that is not added is not known, or does not exist where `hasAllRoles`.
  ClusterFixture() : ClusterFixture(false) {}
  explicit ClusterFixture(bool hasAllRoles)
      : MemoryClusterState({.ns = nullptr,
                            .role = hasAllRoles ? std::make_shared<const RoleFacts>() : nullptr,
                            .may = true}) {
    addNamespace("free");
    for (const char* ns : {"audit", "warn"}) addNamespace(ns, {{"errand.dev/enforce", ns}});
    for (const char* ns : {"agents", "others"}) addNamespace(ns, {{"errand.dev/enforce", "true"}});
  }

  using MemoryClusterState::add;
  void add(const json& object) {
    if (object["kind"] == "AgentIdentity")
      add(api::decode<api::AgentIdentity>(object).value());
    else if (object["kind"] == "Exemption")
      add(api::decode<api::Exemption>(object).value());
    else
      add(api::decode<api::TaskGrant>(object).value());
  }
  void addNamespace(const char* name, const api::StringMap& labels = {}) {
    api::PartialObject out;
    out.meta.name = name;
    out.meta.labels = labels;
    add(std::move(out));
  }
  // Sets the rules of the Role in "agents" and the ClusterRole of that name. std::nullopt means "not known
  // yet".
  void addRole(const std::string& name, const std::optional<std::vector<api::PolicyRule>>& rules) {
    const auto facts = rules ? std::make_shared<const RoleFacts>(roleFacts(*rules)) : nullptr;
    add({{"Role", name}, "agents"}, facts);
    add({{"ClusterRole", name}, ""}, facts);
  }

  // `question` is a verb and a name: "request bot". std::nullopt means "not known yet". A question without an
  // answer is allowed.
  void answer(const std::string& question, std::optional<bool> what) { answers_[question] = what; }
  void forgetAnswers() {
    answers_.clear();
    asked_.clear();
  }
  std::optional<bool> may(const api::AccessRequest& q) const override {
    if (q.verb != "bind") groups_ = q.who->groups;
    asked_.push_back(q.who->user + " " + q.verb + " " + q.resource + "/" + q.name);
    const auto it = answers_.find(q.verb + " " + q.name);
    return it == answers_.end() ? std::optional(true) : it->second;
  }
  const std::vector<std::string>& asked() const { return asked_; }
  // Returns the groups of the user of the last question that is not about the operator (bind).
  const std::vector<std::string>& groups() const { return groups_; }

 private:
  std::map<std::string, std::optional<bool>> answers_;
  mutable std::vector<std::string> asked_, groups_;
};

inline json identity() {
  return json::parse(R"({
    "apiVersion": "errand.dev/v1alpha1", "kind": "AgentIdentity",
    "metadata": {"name": "triage-bot", "namespace": "agents"},
    "spec": {"owner": "sre@example.com", "podSelector": {"matchLabels": {"app": "triage-bot"}},
      "toolClasses": [{"name": "planner", "risk": "Low", "maxDuration": "1h",
        "access": {"roles": [{"name": "reader"}], "audiences": [{"name": "https://mcp.example.com", "file": "mcp"}]},
        "slot": {"secretName": "errand-triage-planner"}}]}})");
}

inline json grant() {
  json out = json::parse(R"({
    "apiVersion": "errand.dev/v1alpha1", "kind": "TaskGrant",
    "metadata": {"name": "inc-1", "namespace": "agents"},
    "spec": {"agentIdentityRef": {"name": "triage-bot"}, "toolClass": "planner",
      "task": {"intent": "look", "risk": "Low"}, "workload": {"kind": "Job", "name": "look"},
      "access": {"roles": [{"name": "reader"}], "audiences": [{"name": "https://mcp.example.com"}]},
      "window": {"duration": "15m"}},
    "status": {"phase": "Pending"}})");
  out["metadata"]["uid"] = kGrantUid;
  out["status"]["serviceAccount"] = {{"name", api::grantAccountName(kGrantUid)}, {"uid", "account-uid"}};
  return out;
}

inline json activeGrant() {
  json out = grant();
  out["status"].update(
      {{"phase", "Active"}, {"startedAt", "2026-11-24T12:00:00Z"}, {"endsAt", "2026-11-24T12:15:00Z"}});
  return out;
}

// A pod without a grant.
inline json plainPod() {
  return json::parse(R"({
    "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "agents", "labels": {"app": "web"}},
    "spec": {"serviceAccountName": "default", "serviceAccount": "default", "automountServiceAccountToken": false,
      "containers": [{"name": "app", "image": "app:1"}]}})");
}

// Returns the pod with the volume that the ServiceAccount admission plugin adds if automount is not set.
inline json withApiVolume(json pod) {
  json& spec = pod["spec"];
  spec.erase("automountServiceAccountToken");
  spec["volumes"].push_back(
      json::parse(R"({"name": "kube-api-access-x7k2p", "projected": {"defaultMode": 420, "sources": [
    {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
    {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
    {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]}}]}})"));
  for (const char* list : {"containers", "initContainers"})
    if (spec.contains(list))
      for (json& container : spec[list])
        container["volumeMounts"].push_back({{"name", "kube-api-access-x7k2p"},
                                             {"readOnly", true},
                                             {"mountPath", "/var/run/secrets/kubernetes.io/serviceaccount"}});
  return pod;
}

// A pod of grant()'s Job, as the Job controller creates it.
inline json jobPod() {
  json pod = plainPod();
  pod["metadata"] = json::parse(R"({"name": "look-x1", "generateName": "look-", "namespace": "agents",
    "labels": {"app": "triage-bot", "errand.dev/task-grant": "inc-1"},
    "ownerReferences": [{"apiVersion": "batch/v1", "kind": "Job", "name": "look", "uid": "job-uid", "controller": true}]})");
  return withApiVolume(pod);
}

inline std::string admission(const json& object, std::string_view user, std::string_view operation = "CREATE",
                             std::string_view subResource = "", const json& oldObject = nullptr) {
  return json{{"apiVersion", "admission.k8s.io/v1"},
              {"kind", "AdmissionReview"},
              {"request",
               {{"uid", "r-1"},
                {"kind", {{"group", ""}, {"version", "v1"}, {"kind", "Pod"}}},
                {"resource", {{"group", ""}, {"version", "v1"}, {"resource", "pods"}}},
                {"subResource", subResource},
                {"operation", operation},
                {"namespace",
                 object.is_object() ? object.value("/metadata/namespace"_json_pointer, "agents") : "agents"},
                {"userInfo", {{"username", user}, {"groups", {"system:authenticated"}}}},
                {"object", object},
                {"oldObject", oldObject}}}}
      .dump();
}

// As the kubelet or anybody else asks for a token of a ServiceAccount.
inline std::string tokenRequest(std::string_view account, std::string_view user,
                                std::string_view ns = "agents") {
  return json{{"apiVersion", "admission.k8s.io/v1"},
              {"kind", "AdmissionReview"},
              {"request",
               {{"uid", "r-1"},
                {"kind", {{"group", "authentication.k8s.io"}, {"version", "v1"}, {"kind", "TokenRequest"}}},
                {"resource", {{"group", ""}, {"version", "v1"}, {"resource", "serviceaccounts"}}},
                {"subResource", "token"},
                {"operation", "CREATE"},
                {"namespace", ns},
                {"name", account},
                {"userInfo", {{"username", user}, {"groups", {"system:authenticated"}}}},
                {"object", {{"metadata", {{"name", account}}}, {"spec", {{"audiences", {"a"}}}}}},
                {"oldObject", nullptr}}}}
      .dump();
}

// A request for an object of any other kind, in the namespace "agents".
inline std::string objectAdmission(const json& object, std::string_view user,
                                   std::string_view ns = "agents") {
  const std::string apiVersion = object.at("apiVersion").get<std::string>();
  const size_t slash = apiVersion.find('/');
  json body = json::parse(admission(object, user));
  body["request"]["namespace"] = ns;
  body["request"]["resource"] = {{"group", slash == std::string::npos ? "" : apiVersion.substr(0, slash)},
                                 {"version", "v1"},
                                 {"resource", "of-this-kind"}};
  return body.dump();
}

struct Reply {
  Outcome outcome;
  json response;

  bool allowed() const { return response["allowed"].get<bool>(); }
  std::string message() const { return response.value("/status/message"_json_pointer, ""); }
  json patch() const {
    const std::string text = response.value("patch", "");
    return text.empty() ? json::array() : json::parse(base64Decode(text).value());
  }
};

inline const RuleSettings kSettings{.operatorUser = std::string(kOperator)};

inline Reply ask(Path path, const std::string& body, const ClusterState& cluster, Time now = kNow,
                 const RuleSettings& settings = kSettings) {
  Outcome outcome = review(path, body, cluster, settings, now).value();
  json response = json::parse(outcome.body).at("response");
  return {std::move(outcome), std::move(response)};
}

}  // namespace errand::webhook
