#include "operator/state/watches.hpp"

#include <algorithm>

#include "core/base/log.hpp"

namespace errand::state {
namespace {

kube::WatchSpec specOf(const api::Resource& resource, std::string ns, bool metadataOnly) {
  kube::WatchSpec spec;
  spec.resource = resource;
  spec.ns = std::move(ns);
  spec.metadataOnly = metadataOnly;
  return spec;
}

// A ceiling that cannot be read is none.
kube::WatchSpec identitySpec() {
  kube::WatchSpec spec = specOf(api::kAgentIdentities, "", false);
  spec.undecodableIsAbsent = true;
  return spec;
}

}  // namespace

struct Watches::Namespace {
  Namespace(const std::string& ns, Stores& s, kube::Transport& t, const kube::ReflectorSeams& seams)
      : accounts(specOf(api::kServiceAccounts, ns, false), t, s.accounts, seams),
        bindings(specOf(api::kRoleBindings, ns, false), t, s.bindings, seams),
        secrets(specOf(api::kSecrets, ns, true), t, s.secrets, seams),
        pods(specOf(api::kPods, ns, false), t, s.pods, seams),
        jobs(specOf(api::kJobs, ns, false), t, s.jobs, seams),
        deployments(specOf(api::kDeployments, ns, false), t, s.deployments, seams),
        statefulSets(specOf(api::kStatefulSets, ns, false), t, s.statefulSets, seams),
        replicaSets(specOf(api::kReplicaSets, ns, true), t, s.replicaSets, seams),
        cronJobs(specOf(api::kCronJobs, ns, true), t, s.cronJobs, seams),
        roles(specOf(api::kRoles, ns, false), t, s.roles, seams) {}

  ~Namespace() {
    accounts.requestStop();
    bindings.requestStop();
    secrets.requestStop();
    pods.requestStop();
    jobs.requestStop();
    deployments.requestStop();
    statefulSets.requestStop();
    replicaSets.requestStop();
    cronJobs.requestStop();
    roles.requestStop();
  }

  kube::Reflector<api::ServiceAccount> accounts;
  kube::Reflector<api::RoleBinding> bindings;
  kube::Reflector<api::PartialObject> secrets;
  kube::Reflector<api::Pod> pods;
  kube::Reflector<api::Job> jobs;
  kube::Reflector<api::Workload> deployments, statefulSets;
  kube::Reflector<api::PartialObject> replicaSets, cronJobs;
  kube::Reflector<api::Role> roles;
};

Watches::Watches(Stores& stores, kube::Transport& transport, kube::Pause pause)
    : stores_(stores),
      transport_(transport),
      seams_{.pause = std::move(pause)},
      namespaces_(specOf(api::kNamespaces, "", true), transport, stores.namespaces, seams_),
      identities_(identitySpec(), transport, stores.identities, seams_),
      grants_(specOf(api::kTaskGrants, "", false), transport, stores.grants, seams_),
      clusterRoles_(specOf(api::kClusterRoles, "", false), transport, stores.clusterRoles, seams_),
      clusterBindings_(specOf(api::kClusterRoleBindings, "", false), transport, stores.clusterBindings,
                       seams_) {}

Watches::~Watches() {
  namespaces_.requestStop();
  identities_.requestStop();
  grants_.requestStop();
  clusterRoles_.requestStop();
  clusterBindings_.requestStop();
}

bool Watches::synced() const { return namespaces_.synced() && identities_.synced() && grants_.synced(); }

bool Watches::wanted(const std::string& ns) const {
  const auto object = stores_.namespaces.get("", ns);
  if (!object) return false;
  if (object->meta.label(api::kEnforceLabel) == "true") return true;
  bool owns = false;
  stores_.grants.each(ns, [&](const api::TaskGrant& grant) {
    owns = grant.meta.hasFinalizer(api::kFinalizer);
    return !owns;
  });
  return owns;
}

bool Watches::reconcile(const std::string& ns) {
  const bool want = wanted(ns);
  const auto it = watched_.find(ns);
  if (want == (it != watched_.end())) return false;
  log::info(want ? "watching namespace" : "no longer watching namespace", {{"namespace", ns}});
  if (want) {
    (*stores_.watchedSince.access())[ns] = systemClock().monotonic();
    watched_.emplace(ns, std::make_unique<Namespace>(ns, stores_, transport_, seams_));
    return true;
  }
  watched_.erase(it);
  stores_.watchedSince.access()->erase(ns);
  stores_.accounts.drop(ns);
  stores_.bindings.drop(ns);
  stores_.secrets.drop(ns);
  stores_.pods.drop(ns);
  stores_.jobs.drop(ns);
  stores_.deployments.drop(ns);
  stores_.statefulSets.drop(ns);
  stores_.replicaSets.drop(ns);
  stores_.cronJobs.drop(ns);
  stores_.roles.drop(ns);
  return false;
}

}  // namespace errand::state
