// The actions of people, and of controllers other than the operator, on the cluster.
#include <fmt/format.h>

#include "core/api/taskgrant.hpp"
#include "operator/plan/names.hpp"
#include "operator/plan/plan.hpp"
#include "tests/unit/operator/model/simulation.hpp"

namespace errand::model {
namespace {

constexpr const char* kAgent = "bot";
constexpr const char* kSlot = "errand-slot";

json object(const char* apiVersion, const char* kind, const std::string& name) {
  return {
      {"apiVersion", apiVersion}, {"kind", kind}, {"metadata", {{"name", name}, {"namespace", kNamespace}}}};
}

json identity() {
  json out = object("errand.dev/v1alpha1", "AgentIdentity", kAgent);
  out["spec"] = {{"owner", "sre@example.com"},
                 {"state", "Enabled"},
                 {"toolClasses",
                  {{{"name", "fixer"},
                    {"risk", "High"},
                    {"minimumRisk", "Low"},
                    {"access", {{"roles", {{{"name", "reader"}}}}}},
                    {"maxDuration", "1h"},
                    {"maxActiveGrants", 2},
                    {"approval", {{"required", 0}}},
                    {"slot", {{"secretName", kSlot}}}}}}};
  return out;
}

// The pods may be for any grant. The operator asks only whether they are for one.
json job(const std::string& name) {
  json out = object("batch/v1", "Job", name);
  out["spec"]["template"]["metadata"]["labels"] = {{"errand.dev/task-grant", "g0"}};
  return out;
}

json deployment(const std::string& name) {
  json out = object("apps/v1", "Deployment", name);
  out["spec"]["template"]["spec"]["volumes"] = {{{"name", "slot"}, {"secret", {{"secretName", kSlot}}}}};
  return out;
}

}  // namespace

void SimulatedCluster::prepare() {
  json ns = object("v1", "Namespace", kNamespace);
  ns["metadata"].erase("namespace");
  ns["metadata"]["labels"] = {{"errand.dev/enforce", "true"}};
  ns["metadata"]["annotations"] = {{"errand.dev/enforced-since", "2000-01-01T00:00:00Z"}};
  server_.create("namespaces", ns);
  server_.create("agentidentities", identity());
  server_.create("deployments", deployment("app"));
  server_.create("jobs", job("fix"));
  server_.create("roles", object("rbac.authorization.k8s.io/v1", "Role", "reader"));
  createGrant();
}

std::string SimulatedCluster::someGrant() {
  const auto& grants = server_.all("taskgrants");
  if (grants.empty()) return {};
  return std::next(grants.begin(), static_cast<std::ptrdiff_t>(pick(grants.size())))->first;
}

void SimulatedCluster::createGrant() {
  if (server_.all("taskgrants").size() > 3) return;
  const bool slot = chance(65);
  const bool again = made_ > 0 && chance(20);  // a name that was used before
  json grant = object("errand.dev/v1alpha1", "TaskGrant", fmt::format("g{}", again ? made_ - 1 : made_));
  if (!again) ++made_;
  grant["spec"] = {{"agentIdentityRef", {{"name", kAgent}}},
                   {"toolClass", "fixer"},
                   {"task", {{"intent", "x"}, {"risk", "Low"}}},
                   {"workload", {{"kind", slot ? "Deployment" : "Job"}, {"name", slot ? "app" : "fix"}}},
                   {"access", {{"roles", {{{"name", "reader"}}}}}},
                   {"window", {{"duration", chance(50) ? "15m" : "5m"}}},
                   {"delivery", {{"mode", slot ? "Slot" : "Projected"}}},
                   {"ttlSecondsAfterFinished", chance(30) ? 60 : 86400}};
  grant["status"] = {{"observedGeneration", -1}};
  note(fmt::format("grant {} is created", grant["metadata"]["name"].get<std::string>()));
  server_.create("taskgrants", grant);
}

void SimulatedCluster::changeIdentity() {
  const size_t how = pick(4);
  note(fmt::format("identity: change {}", how));
  if (server_.find("agentidentities", kAgent) == nullptr)
    return server_.create("agentidentities", identity());
  if (how == 0) return server_.erase("agentidentities", kAgent, chance(30));
  server_.change("agentidentities", kAgent, [&](json& o) {
    json& c = o["spec"]["toolClasses"][0];
    if (how == 1)
      o["spec"]["state"] = o["spec"]["state"] == "Enabled" ? "Suspended" : "Enabled";
    else if (how == 2)
      c["access"]["roles"] =
          json::array({{{"name", c["access"]["roles"][0]["name"] == "reader" ? "x" : "reader"}}});
    else
      c["maxDuration"] = c["maxDuration"] == "1h" ? "10m" : "1h";
  });
}

void SimulatedCluster::replaceWorkload() {
  const bool isJob = chance(50);
  const std::string kind = isJob ? "jobs" : "deployments", name = isJob ? "fix" : "app";
  note("workload " + name + " changes");
  if (server_.find(kind, name) == nullptr) return server_.create(kind, isJob ? job(name) : deployment(name));
  if (isJob && chance(60))
    return server_.change(kind, name, [&](json& o) {
      o["status"]["conditions"] =
          json::array({{{"type", chance(50) ? "Complete" : "Failed"}, {"status", "True"}, {"reason", "r"}}});
    });
  server_.erase(kind, name);
  if (chance(60)) server_.create(kind, isJob ? job(name) : deployment(name));
}

// As before the names were guarded: what the operator would make, with every mark of it.
void SimulatedCluster::forge() {
  const json* grant = server_.find("taskgrants", someGrant());
  if (grant == nullptr) return;
  const std::string uid = (*grant)["metadata"]["uid"], account = api::grantAccountName(uid);
  const auto marked = [&](json made) {
    made["metadata"]["labels"] = {{"errand.dev/task-grant", (*grant)["metadata"]["name"]},
                                  {"errand.dev/task-grant-uid", uid},
                                  {"errand.dev/agent-identity", kAgent},
                                  {"errand.dev/tool-class", "fixer"},
                                  {"errand.dev/started-at", "1790000000"}};
    made["metadata"]["ownerReferences"] = json::array({{{"apiVersion", "errand.dev/v1alpha1"},
                                                        {"kind", "TaskGrant"},
                                                        {"name", (*grant)["metadata"]["name"]},
                                                        {"uid", uid},
                                                        {"controller", true}}});
    return made;
  };
  note("somebody forges account and rights of grant " + (*grant)["metadata"]["name"].get<std::string>());
  if (server_.find("serviceaccounts", account) == nullptr)
    server_.create("serviceaccounts", marked(object("v1", "ServiceAccount", account)));
  const std::string name = plan::bindingName(uid, {"Role", chance(50) ? "reader" : "admin"});
  if (server_.find("rolebindings", name) != nullptr) return;
  json binding = marked(object("rbac.authorization.k8s.io/v1", "RoleBinding", name));
  binding["roleRef"] = {{"kind", "Role"}, {"name", "reader"}};
  binding["subjects"] =
      json::array({{{"kind", "ServiceAccount"}, {"name", account}, {"namespace", kNamespace}}});
  server_.create("rolebindings", binding);
}

// Labels and owners of what the operator made.
void SimulatedCluster::tamper() {
  constexpr const char* kinds[] = {"rolebindings", "serviceaccounts", "secrets"};
  const std::string kind = kinds[pick(3)];
  const auto& objects = server_.all(kind);
  if (objects.empty()) return;
  const std::string name =
      std::next(objects.begin(), static_cast<std::ptrdiff_t>(pick(objects.size())))->first;
  note("somebody tampers with " + kind + " " + name);
  oracle_.byHand(name);
  server_.change(kind, name, [&](json& o) {
    json& meta = o["metadata"];
    if (chance(50) && meta.contains("labels")) meta["labels"].erase("errand.dev/task-grant");
    if (chance(30)) meta.erase("ownerReferences");
    meta["annotations"]["example.com/touched"] = std::to_string(server_.version());
  });
}

// The pod as the Job controller creates it, after the webhook has completed it.
void SimulatedCluster::makePod() {
  const json* owner = server_.find("jobs", "fix");
  const json* grant = server_.find("taskgrants", someGrant());
  if (owner == nullptr || grant == nullptr) return;
  json pod = object("v1", "Pod", fmt::format("pod-{}", server_.version()));
  pod["metadata"]["ownerReferences"] = json::array({{{"apiVersion", "batch/v1"},
                                                     {"kind", "Job"},
                                                     {"name", "fix"},
                                                     {"uid", (*owner)["metadata"]["uid"]},
                                                     {"controller", true}}});
  pod["spec"] = {
      {"serviceAccountName", api::grantAccountName((*grant)["metadata"]["uid"].get<std::string>())},
      {"schedulingGates", json::array({{{"name", "errand.dev/grant"}}})}};
  note("a pod of the job is created");
  server_.create("pods", pod);
}

void SimulatedCluster::act() {
  const std::string grant = someGrant();
  switch (pick(14)) {
    case 0:
    case 1:
    case 2:
      return createGrant();
    case 3:
      note("grant " + grant + " is revoked");
      return server_.change("taskgrants", grant, [](json& o) { o["spec"]["revoke"] = {{"reason", "x"}}; });
    case 4: {
      const bool orphan = chance(40);
      note("grant " + grant + (orphan ? " is deleted, its objects orphaned" : " is deleted"));
      return server_.erase("taskgrants", grant, orphan);
    }
    case 5:
      if (!chance(30)) return makePod();
      note("grant " + grant + " loses its finalizers by hand");
      return server_.change("taskgrants", grant,
                            [](json& o) { o["metadata"]["finalizers"] = json::array(); });
    case 6:
    case 7:
      return replaceWorkload();
    case 8:
      return changeIdentity();
    case 9: {
      const char* label = chance(50) ? "errand.dev/enforce" : "errand.dev/suspended";
      note(std::string("the namespace's label changes: ") + label);
      return server_.change("namespaces", kNamespace, [&](json& o) {
        json& labels = o["metadata"]["labels"];
        labels[label] = labels.value(label, "") == "true" ? "false" : "true";
        // A policy refuses to leave it there.
        if (labels["errand.dev/enforce"] != "true")
          o["metadata"]["annotations"].erase("errand.dev/enforced-since");
      });
    }
    case 10:
      return chance(30) ? forge() : tamper();
    case 12:
      if (!chance(25)) return makePod();
      note("the rules of the role change");
      return server_.change("roles", "reader", [&](json& o) {
        o["rules"] = json::array({{{"verbs", json::array({std::to_string(server_.version())})}}});
      });
    case 11:
      note("the slot's Secret is deleted by hand");
      return server_.erase("secrets", kSlot);
    default: {
      const bool there = server_.find("secrets", kSlot) != nullptr;
      note(there ? "nothing is in the way" : "somebody makes a Secret of the slot's name");
      if (!there && chance(30)) server_.create("secrets", object("v1", "Secret", kSlot));
    }
  }
}

}  // namespace errand::model
