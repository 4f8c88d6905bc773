// A small world for plan tests: an enforced namespace with an identity, a Job
// and a grant that may start. Tests bend one thing and look at the plan.
#pragma once

#include <gmock/gmock.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "operator/apply/order.hpp"
#include "operator/plan/checks/scope.hpp"
#include "operator/plan/names.hpp"
#include "operator/plan/plan.hpp"

namespace errand::plan {

inline const Time kNow = *parseTime("2026-11-24T12:00:00Z");

inline policy::Danger dangerOfSecrets() {
  return {1, "patch", "secrets", "its answers hold the values of Secrets"};
}

struct PlanFixture {
  std::shared_ptr<api::TaskGrant> grant = std::make_shared<api::TaskGrant>();
  std::shared_ptr<api::AgentIdentity> identity = std::make_shared<api::AgentIdentity>();
  Observed o;
  Settings settings;
  Time now = kNow;

  PlanFixture() {
    identity->meta.name = "triage-bot";
    identity->meta.ns = "agents";
    identity->meta.uid = "identity-uid";
    api::ToolClass c;
    c.name = "remediation";
    c.risk = api::Risk::High;
    c.access.roles = {{"restarter"}, {"reader"}};
    c.access.audiences = {{"https://mcp.example.com", "mcp"}};
    c.access.secrets = {"ticketing"};
    c.maxDuration = Seconds{3600};
    c.maxActiveGrants = 1;
    c.slotSecretName = "errand-triage-remediation";
    identity->toolClasses = {c};

    grant->meta.name = "inc-1";
    grant->meta.ns = "agents";
    grant->meta.uid = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";
    grant->meta.generation = 1;
    grant->meta.creationTimestamp = kNow - Seconds{5};
    grant->meta.finalizers = {std::string(api::kFinalizer)};
    grant->spec.agentIdentity = "triage-bot";
    grant->spec.toolClass = "remediation";
    grant->spec.task.risk = api::Risk::High;
    grant->spec.workload = {api::WorkloadKind::Job, "fix"};
    grant->spec.access.roles = {"restarter"};
    grant->spec.window.duration = Seconds{900};

    o.ns.enforced = true;
    o.ns.enforcedSince = kNow - Seconds{3600};
    o.workload = WorkloadFacts{};
    o.workload->uid = "job-uid";
    o.workload->templateDigest = "sha256:t";
    o.workload->created = kNow - Seconds{5};
    o.workload->podLabels = {{std::string(api::kGrantLabel), "inc-1"}};
    o.workload->slots = {"errand-triage-remediation"};
    o.roles = {{{"Role", "restarter"}, "spec.access.roles[0]", true, true, "sha256:r", true}};
    o.account = account();
    grant->status.serviceAccount = {o.account->meta.name, o.account->meta.uid};
    grant->status.identityUid = identity->meta.uid;
    grant->status.enforcedSince = o.ns.enforcedSince;
    o.request = {true, api::Requester{"alice", "", {}, {}}, true};
  }

  api::ObjectMeta owned(std::string name) const {
    api::ObjectMeta meta;
    meta.name = std::move(name);
    meta.ns = "agents";
    meta.uid = meta.name + "-uid";
    meta.labels = {{std::string(api::kGrantLabel), "inc-1"},
                   {std::string(api::kGrantUidLabel), grant->meta.uid}};
    meta.owners = {{std::string(api::kGroupVersion), "TaskGrant", "inc-1", grant->meta.uid, true}};
    return meta;
  }

  std::shared_ptr<api::ServiceAccount> account() const {
    auto a = std::make_shared<api::ServiceAccount>();
    a->meta = owned(api::grantAccountName(grant->meta.uid));
    return a;
  }

  // As before the first plan: nothing is made and nothing is stored.
  void untouched() {
    o.account.reset();
    grant->status = {};
  }

  void started(Time at) {
    o.account = account();
    auto b = std::make_shared<api::RoleBinding>();
    b->meta = owned(bindingName(grant->meta.uid, {"Role", "restarter"}));
    b->role = {"Role", "restarter"};
    b->subjects = {{"ServiceAccount", api::grantAccountName(grant->meta.uid), "agents"}};
    o.bindings = {b};
    grant->status.phase = api::Phase::Active;
    grant->status.startedAt = at;
    grant->status.workload = {"job-uid", "sha256:t"};
    grant->status.effective = effectiveOf(o);
  }

  // The slot's Secret with one API token of the given life.
  void slotFilled(Time issued, Seconds life) {
    auto s = std::make_shared<api::PartialObject>();
    s->meta = owned("errand-triage-remediation");
    s->meta.annotations.emplace(
        api::kCredentialsAnnotation,
        R"([{"audience":"api","credentialID":"5f0c9d2e-0000-4000-8000-000000000001","issuedAt":")" +
            formatTime(issued) + R"(","expiresAt":")" + formatTime(issued + life) + R"("}])");
    o.slotSecret = s;
  }

  void pod(std::string controllerUid) {
    auto p = std::make_shared<api::Pod>();
    p->meta.name = "fix-abcde";
    p->meta.uid = "pod-uid";
    p->meta.owners = {{"batch/v1", "Job", "fix", std::move(controllerUid), true}};
    p->meta.creationTimestamp = kNow - Seconds{4};
    p->serviceAccountName = api::grantAccountName(grant->meta.uid);
    p->schedulingGates = {"other/gate", std::string(api::kSchedulingGate)};
    o.pods.push_back(p);
  }

  Plan run() {
    o.grant = grant;
    o.identity = identity;
    return plan(o, settings, now);
  }
};

// All that a plan does, in the order in which it is carried out.
inline std::vector<Action> allActions(const Plan& p) {
  std::vector<Action> out;
  apply::inOrder(p, [&](const Action& action) {
    out.push_back(action);
    return true;
  });
  return out;
}

template <class T>
std::vector<T> actions(const Plan& p) {
  std::vector<T> out;
  for (const Action& a : allActions(p))
    if (const T* t = std::get_if<T>(&a)) out.push_back(*t);
  return out;
}

template <class T>
int position(const Plan& p) {
  const std::vector<Action> all = allActions(p);
  const auto it = std::ranges::find_if(all, [](const Action& a) { return std::holds_alternative<T>(a); });
  return it == all.end() ? -1 : static_cast<int>(it - all.begin());
}

inline bool mints(const Plan& p) {
  return position<FillSlot>(p) >= 0 || position<LiftGate>(p) >= 0 || position<CreateBinding>(p) >= 0;
}

// Whether the grant's next plan stores its start; it gives nothing yet.
inline bool begins(PlanFixture& w) {
  const Plan p = w.run();
  return starts(p, *w.grant) && !mints(p);
}

// The plan after the one that stores the start, its account made.
inline Plan afterStart(PlanFixture& w) {
  const Plan p = w.run();
  w.grant->status = p.status;
  w.o.account = w.account();
  w.grant->status.serviceAccount.uid = w.o.account->meta.uid;
  return w.run();
}

inline bool shows(const Event& event, Reason reason) {
  return event.reason == decltype(Event::reason)(reason);
}

inline std::string message(const api::TaskGrantStatus& s, std::string_view type) {
  const api::Condition* c = api::findCondition(s.conditions, type);
  return c == nullptr ? "" : c->message;
}

inline bool isTrue(const api::TaskGrantStatus& s, std::string_view type) {
  const api::Condition* c = api::findCondition(s.conditions, type);
  return c != nullptr && c->status == api::ConditionStatus::True;
}

}  // namespace errand::plan
