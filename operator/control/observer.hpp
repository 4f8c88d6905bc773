// Gathers what a plan decides on, from the stores alone.
#pragma once

#include <functional>
#include <string>

#include "operator/apply/proofbook.hpp"
#include "operator/apply/stores.hpp"
#include "operator/plan/identity.hpp"
#include "operator/plan/observed.hpp"

namespace errand::control {

// Names of the stores' indexes.
inline constexpr std::string_view kByAgent = "agent";        // grants: ns/agent
inline constexpr std::string_view kByAccount = "account";    // grants: ns/errand-g.*
inline constexpr std::string_view kByWorkload = "workload";  // grants: ns/Kind/name
inline constexpr std::string_view kBySecret = "secret";      // grants: ns/Secret they hold or lease
inline constexpr std::string_view kByParent = "parent";      // grants: ns/the grant that they are under
inline constexpr std::string_view kByRole = "role";          // grants that have not ended: ns/Kind/name
inline constexpr std::string_view kBySlot = "slot";          // identities: ns/Secret of a tool class
inline constexpr std::string_view kByNamedSlot = "named";    // pods: ns/Secret that their spec names
inline constexpr std::string_view kByRunsAs = "runs-as";     // pods: ns/account
inline constexpr std::string_view kByStanding = "standing";  // bindings: plan::standingKeys()

std::string classKey(std::string_view ns, std::string_view agent, std::string_view toolClass);
std::string classKey(const api::TaskGrant& grant);
std::string secretKey(std::string_view ns, std::string_view name);
std::string agentKey(std::string_view ns, std::string_view agent);
std::string accountKey(std::string_view ns, std::string_view account);
std::string parentKey(std::string_view ns, std::string_view parent);
std::string roleKey(std::string_view ns, std::string_view kind, std::string_view name);
std::string workloadKey(std::string_view ns, std::string_view kind, std::string_view name);

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

  Observer(apply::Stores& stores, apply::ProofBook& proofs, Asks asks, const Clock& clock)
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
  std::shared_ptr<const api::Role> roleOf(const std::string& ns, std::string_view kind,
                                          const std::string& name) const;
  plan::RoleFact roleFact(const std::string& ns, const api::RoleRef& role, const std::string& path) const;
  std::vector<std::shared_ptr<const api::RoleBinding>> bindingsOf(const api::TaskGrant& grant) const;
  std::vector<plan::Ancestor> ancestorsOf(const api::TaskGrant& grant) const;
  void addDescendants(const api::TaskGrant& grant, size_t depth, std::vector<plan::Descendant>& out) const;

  apply::Stores& stores_;
  apply::ProofBook& proofs_;
  const Asks asks_;
  const Clock& clock_;
};

}  // namespace errand::control
