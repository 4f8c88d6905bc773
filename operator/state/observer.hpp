// Builds the input of a plan: objects from the stores, and answers of the API server about RBAC rights.
#pragma once

#include <functional>
#include <string>

#include "operator/plan/identity.hpp"
#include "operator/plan/observed.hpp"
#include "operator/state/indexes.hpp"
#include "operator/state/revocationproofs.hpp"
#include "operator/state/stores.hpp"

namespace errand::state {

// Reads the stores and the proofs, and never writes to them. Safe to use from several threads, if
// `AccessChecks` is. All references must outlive this object.
class Observer {
 public:
  // Facts that the stores do not have. `request` and `mayBind` may each block for a call to the API server;
  // `guards` never blocks.
  struct AccessChecks {
    // Returns who requested a grant, and whether that user may still request it.
    std::function<plan::Provenance(const api::TaskGrant&)> request;
    // Returns whether the operator has the verb `bind` on a role; nullopt if the API server did not answer.
    std::function<std::optional<bool>(const std::string& ns, const api::RoleRef&)> mayBind;
    // Returns the last result of the guard checks.
    std::function<plan::GuardFacts()> guards;
  };

  Observer(Stores& stores, RevocationProofs& proofs, AccessChecks asks, const Clock& clock)
      : stores_(stores), proofs_(proofs), checks_(std::move(asks)), clock_(clock) {}

  // Returns the input of a plan for the grant. May block for calls to the API server. Leaves out
  // roles, standing bindings and the requester if the grant has ended, or its namespace is not
  // enforced or not synced.
  plan::Observed observe(std::shared_ptr<const api::TaskGrant> grant) const;
  // Returns the input of a plan for the identity. Does not block.
  plan::ObservedIdentity observe(std::shared_ptr<const api::AgentIdentity> identity) const;
  // Returns the facts about a namespace. Its `synced` is true once the stores hold complete lists of it. A
  // namespace that is not enforced counts as synced, unless `needed`.
  plan::NamespaceFacts factsOf(std::string_view ns, bool needed) const;

 private:
  std::optional<plan::WorkloadFacts> workloadOf(const api::TaskGrant& grant) const;
  std::vector<policy::Owner> ownersOf(const api::ObjectMeta& object) const;
  std::vector<plan::StandingBinding> standingOf(const api::TaskGrant& grant) const;
  void observeSlot(const api::TaskGrant& grant, plan::Observed& o) const;
  std::vector<plan::SlotClaim> slotClaims(const api::TaskGrant& grant, const std::string& slot) const;
  std::vector<plan::SlotMount> slotMounts(const std::string& ns, const std::string& slot) const;
  struct FoundRole {
    std::shared_ptr<const api::Role> role;
    bool known = false;
  };
  FoundRole roleOf(const std::string& ns, std::string_view kind, const std::string& name) const;
  plan::RoleFact roleFact(const std::string& ns, const api::RoleRef& role, const std::string& path) const;
  std::vector<std::shared_ptr<const api::RoleBinding>> bindingsOf(const api::TaskGrant& grant) const;
  std::vector<plan::Ancestor> ancestorsOf(const api::TaskGrant& grant) const;
  void addDescendants(const api::TaskGrant& grant, size_t depth, std::vector<plan::Descendant>& out) const;

  Stores& stores_;
  RevocationProofs& proofs_;
  const AccessChecks checks_;
  const Clock& clock_;
};

}  // namespace errand::state
