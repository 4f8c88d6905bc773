// The caches of all objects that the operator watches.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/objects.hpp"
#include "core/api/resource.hpp"
#include "core/api/taskgrant.hpp"
#include "core/base/guarded.hpp"
#include "core/kube/watch/store.hpp"
#include "core/policy/grantstate.hpp"
#include "operator/state/finishedjobs.hpp"
#include "operator/state/grantcounts.hpp"

namespace errand::kube {
class RunningReflector;
class Transport;
struct ReflectorSeams;
}  // namespace errand::kube

namespace errand::state {

// The results of comparing the ConfigMap kube-root-ca.crt of enrolled namespaces with that of the operator's
// namespace. Before begin(), every namespace counts as compared and equal. Not thread-safe.
class RootCas {
 public:
  void begin() { compared_ = true; }
  void forget() { found_.clear(); }
  void forget(const std::string& ns) { found_.erase(ns); }

  // Returns the result for the namespace of that name and uid. `known` is false if it was not compared.
  policy::RootCaFacts of(std::string_view ns, std::string_view uid) const {
    if (!compared_) return {};
    const auto it = found_.find(ns);
    if (it == found_.end() || it->second.uid != uid) return {false, {}};
    return {true, it->second.problem};
  }

  // Stores the result of a comparison; an empty `problem` means equal. Returns true if the result differs
  // from the stored one.
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

// The decisions that wait until the objects of a kind are listed in a namespace. Without the list, an object
// that exists would look deleted.
enum class NeededFor {
  Ends,    // all decisions: ends, starts and checks
  Starts,  // only starts; an end does not wait for these objects
  Checks,  // none; checks report what is not known
};

// A store of the objects of one kind in watched namespaces. Each namespace is a scope.
class NamespacedStore {
 public:
  // Appends itself to `all`, which must outlive it.
  NamespacedStore(std::vector<NamespacedStore*>& all, const api::Resource& kind, NeededFor what)
      : resource(kind), neededFor(what) {
    all.push_back(this);
  }
  virtual ~NamespacedStore() = default;
  NamespacedStore(const NamespacedStore&) = delete;
  NamespacedStore& operator=(const NamespacedStore&) = delete;

  // True if the store holds a complete list of the namespace.
  virtual bool knows(std::string_view ns) const = 0;
  // Starts a reflector that fills the scope of a namespace until the result is destroyed. Requests only the
  // metadata of a PartialObject. This store and `transport` must outlive the result.
  virtual std::unique_ptr<kube::RunningReflector> watch(const std::string& ns, kube::Transport& transport,
                                                        const kube::ReflectorSeams& seams) = 0;
  // Removes the objects of a namespace, after its watch has ended.
  virtual void forget(const std::string& ns) = 0;

  const api::Resource& resource;
  const NeededFor neededFor;
};

// A NamespacedStore of type T.
template <class T>
class Namespaced final : public kube::Store<T>, public NamespacedStore {
 public:
  using NamespacedStore::NamespacedStore;
  bool knows(std::string_view ns) const override { return this->synced(ns); }
  std::unique_ptr<kube::RunningReflector> watch(const std::string& ns, kube::Transport& transport,
                                                const kube::ReflectorSeams& seams) override;
  void forget(const std::string& ns) override { this->drop(ns); }
};

// All stores of the operator. Safe to use from several threads.
struct Stores {
  Stores();
  ~Stores();

  // Objects of the whole cluster.
  kube::Store<api::AgentIdentity> identities;
  kube::Store<api::TaskGrant> grants;
  kube::Store<api::PartialObject> namespaces;
  kube::Store<api::Role> clusterRoles;
  kube::Store<api::RoleBinding> clusterBindings;

  // Objects of watched namespaces, one line for each kind. A PartialObject holds only metadata.
  std::vector<NamespacedStore*> namespaced;
  Namespaced<api::ServiceAccount> accounts{namespaced, api::kServiceAccounts, NeededFor::Ends};
  Namespaced<api::RoleBinding> bindings{namespaced, api::kRoleBindings, NeededFor::Ends};
  Namespaced<api::PartialObject> secrets{namespaced, api::kSecrets, NeededFor::Ends};
  Namespaced<api::Pod> pods{namespaced, api::kPods, NeededFor::Ends};
  Namespaced<api::Job> jobs{namespaced, api::kJobs, NeededFor::Ends};
  Namespaced<api::Workload> deployments{namespaced, api::kDeployments, NeededFor::Ends};
  Namespaced<api::Workload> statefulSets{namespaced, api::kStatefulSets, NeededFor::Ends};
  Namespaced<api::PartialObject> replicaSets{namespaced, api::kReplicaSets, NeededFor::Starts};
  Namespaced<api::PartialObject> cronJobs{namespaced, api::kCronJobs, NeededFor::Starts};
  Namespaced<api::Role> roles{namespaced, api::kRoles, NeededFor::Checks};

  GrantCounts grantCounts;
  FinishedJobs finishedJobs;
  Guarded<RootCas> rootCas;

  // The time at which the watches of a namespace started, by its name.
  Guarded<std::map<std::string, std::chrono::steady_clock::time_point, std::less<>>> watchedSince;

  // True if every store that an end depends on (NeededFor::Ends) holds a complete list of the namespace.
  bool namespaceSynced(std::string_view ns) const;

  // True if namespaceSynced(), and the controllers above workloads and pods are listed (NeededFor::Starts).
  bool ownersSynced(std::string_view ns) const;
};

}  // namespace errand::state
