// Everything that the operator watches.
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "core/api/objects.hpp"
#include "core/api/taskgrant.hpp"
#include "core/base/guarded.hpp"
#include "core/kube/watch/store.hpp"
#include "core/policy/grantstate.hpp"
#include "operator/state/grantcounts.hpp"

namespace errand::state {

// Results of comparing the ConfigMap kube-root-ca.crt of enrolled namespaces. Until begin(), every namespace
// counts as compared and good.
class RootCas {
 public:
  void begin() { compared_ = true; }
  void forget() { found_.clear(); }
  void forget(const std::string& ns) { found_.erase(ns); }

  policy::RootCaFacts of(std::string_view ns, std::string_view uid) const {
    if (!compared_) return {};
    const auto it = found_.find(ns);
    if (it == found_.end() || it->second.uid != uid) return {false, {}};
    return {true, it->second.problem};
  }

  // Whether that is news.
  bool note(const std::string& ns, const std::string& uid, std::string problem) {
    Found next{uid, std::move(problem)};
    Found& is = found_[ns];
    if (is == next) return false;
    is = std::move(next);
    return true;
  }

 private:
  struct Found {
    std::string uid, problem;
    bool operator==(const Found&) const = default;
  };
  bool compared_ = false;
  std::map<std::string, Found, std::less<>> found_;
};

// The first five hold the whole cluster; the others the enrolled namespaces, a scope each.
struct Stores {
  kube::Store<api::AgentIdentity> identities;
  kube::Store<api::TaskGrant> grants;
  kube::Store<api::PartialObject> namespaces;
  kube::Store<api::Role> clusterRoles;
  kube::Store<api::RoleBinding> clusterBindings;

  kube::Store<api::ServiceAccount> accounts;
  kube::Store<api::RoleBinding> bindings;
  kube::Store<api::PartialObject> secrets;  // metadata alone
  kube::Store<api::Pod> pods;
  kube::Store<api::Job> jobs;
  kube::Store<api::Workload> deployments, statefulSets;
  kube::Store<api::PartialObject> replicaSets,
      cronJobs;  // metadata alone: when they were created, and by whom
  kube::Store<api::Role> roles;

  GrantCounts places;
  Guarded<RootCas> rootCas;

  // When the watches of a namespace were started.
  Guarded<std::map<std::string, std::chrono::steady_clock::time_point, std::less<>>> watchedSince;

  // Roles, ReplicaSets and CronJobs are left out: an end must not wait for what only a start needs.
  bool namespaceSynced(std::string_view ns) const {
    return accounts.synced(ns) && bindings.synced(ns) && secrets.synced(ns) && pods.synced(ns) &&
           jobs.synced(ns) && deployments.synced(ns) && statefulSets.synced(ns);
  }

  // Whether the controllers above workloads and pods are known.
  bool ownersSynced(std::string_view ns) const {
    return namespaceSynced(ns) && replicaSets.synced(ns) && cronJobs.synced(ns);
  }
};

}  // namespace errand::state
