// Gathers what a plan decides on from the stores, and the rights that RBAC gives from the API server.
#pragma once

#include <functional>
#include <string>

#include "operator/plan/identity.hpp"
#include "operator/plan/observed.hpp"
#include "operator/state/indexes.hpp"
#include "operator/state/revocationproofs.hpp"
#include "operator/state/stores.hpp"

namespace errand::state {

class Observer {
 public:
  // Questions to the API server, and what is known beside the stores. Each may block for a call.
  struct Asks {
    std::function<plan::Provenance(const api::TaskGrant&)>
        request;  // who asked for a grant, and whether they may
    // Whether the operator has the verb bind on a role.
    std::function<std::optional<bool>(const std::string& ns, const api::RoleRef&)> mayBind;
    std::function<plan::GuardFacts()> guards;
  };

  Observer(Stores& stores, RevocationProofs& proofs, Asks asks, const Clock& clock)
      : stores_(stores), proofs_(proofs), asks_(std::move(asks)), clock_(clock) {}

  plan::Observed observe(std::shared_ptr<const api::TaskGrant> grant) const;
  plan::ObservedIdentity observe(std::shared_ptr<const api::AgentIdentity> identity) const;
  // `needed`: the namespace's own objects decide, even where it is not enforced.
  plan::NamespaceFacts factsOf(std::string_view ns, bool needed) const;

 private:
  std::optional<plan::WorkloadFacts> workloadOf(const api::TaskGrant& grant) const;
  std::vector<policy::Owner> ownersOf(const api::ObjectMeta& object) const;
  std::vector<plan::StandingBinding> standingOf(const api::TaskGrant& grant) const;
  void observeSlot(const api::TaskGrant& grant, plan::Observed& o) const;
  std::vector<plan::SlotClaim> slotClaims(const api::TaskGrant& grant, const std::string& slot) const;
  std::vector<plan::SlotHolder> slotHolders(const std::string& ns, const std::string& slot) const;
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
  const Asks asks_;
  const Clock& clock_;
};

}  // namespace errand::state
