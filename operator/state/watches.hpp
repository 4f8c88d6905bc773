// The reflectors: five for the cluster, and one for each kind of Stores::namespaced in
// each watched namespace.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/kube/watch/reflector.hpp"
#include "operator/state/stores.hpp"

namespace errand::state {

// Runs the reflectors that fill the stores: the five from the construction on, the others by reconcile(). The
// references must outlive this object.
class Watches {
 public:
  Watches(Stores& stores, kube::Transport& transport, kube::Pause pause);
  ~Watches();

  // Starts or ends the watches of a namespace. A namespace is watched while it is enforced, or a grant in it
  // has the operator's finalizer. At the end of the watches, the stores forget the namespace. Returns true if
  // this call has started the watches. Not thread-safe.
  bool reconcile(const std::string& ns);

  // True if namespaces, AgentIdentities and TaskGrants are listed. ClusterRoles and ClusterRoleBindings do
  // not count, because no grant ends for lack of them. Safe to use from several threads.
  bool synced() const;

 private:
  struct Namespace;
  bool wanted(const std::string& ns) const;

  Stores& stores_;
  kube::Transport& transport_;
  const kube::ReflectorSeams seams_;
  kube::Reflector<api::PartialObject> namespaces_;
  kube::Reflector<api::AgentIdentity> identities_;
  kube::Reflector<api::TaskGrant> grants_;
  kube::Reflector<api::Role> clusterRoles_;
  kube::Reflector<api::RoleBinding> clusterBindings_;
  std::map<std::string, std::unique_ptr<Namespace>> watched_;
};

}  // namespace errand::state
