// Everything that the operator watches.
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "core/api/objects.hpp"
#include "core/api/taskgrant.hpp"
#include "core/base/guarded.hpp"
#include "core/kube/watch/store.hpp"
#include "operator/apply/places.hpp"

namespace errand::apply {

// The first four hold the whole cluster; the others the enrolled namespaces, a scope each.
struct Stores {
  kube::Store<api::AgentIdentity> identities;
  kube::Store<api::TaskGrant> grants;
  kube::Store<api::Object> namespaces;
  kube::Store<api::Role> clusterRoles;

  kube::Store<api::ServiceAccount> accounts;
  kube::Store<api::RoleBinding> bindings;
  kube::Store<api::Object> secrets;  // metadata alone
  kube::Store<api::Pod> pods;
  kube::Store<api::Job> jobs;
  kube::Store<api::Workload> deployments, statefulSets;
  kube::Store<api::Role> roles;

  Places places;

  // When the watches of a namespace were started.
  Guarded<std::map<std::string, std::chrono::steady_clock::time_point, std::less<>>> watchedSince;

  // Roles are left out: an end must not wait for what only a start needs.
  bool namespaceSynced(std::string_view ns) const {
    return accounts.synced(ns) && bindings.synced(ns) && secrets.synced(ns) && pods.synced(ns) &&
           jobs.synced(ns) && deployments.synced(ns) && statefulSets.synced(ns);
  }
};

}  // namespace errand::apply
