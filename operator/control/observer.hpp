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
  // How a grant that waits was asked for.
  using Judge = std::function<plan::Request(const api::TaskGrant&)>;

  Observer(apply::Stores& stores, apply::ProofBook& proofs, Judge request, const Clock& clock)
      : stores_(stores), proofs_(proofs), request_(std::move(request)), clock_(clock) {}

  plan::Observed observe(std::shared_ptr<const api::TaskGrant> grant) const;
  plan::ObservedIdentity observe(std::shared_ptr<const api::AgentIdentity> identity) const;
  // `needed`: the namespace's own objects decide, even where it is not enforced.
  plan::NamespaceFacts factsOf(std::string_view ns, bool needed) const;

 private:
  std::optional<plan::WorkloadFacts> workloadOf(const api::TaskGrant& grant) const;
  std::shared_ptr<const api::Object> strayedSlot(const api::TaskGrant& grant) const;
  std::vector<plan::SlotClaim> slotClaims(const api::TaskGrant& grant, const std::string& slot) const;
  std::vector<plan::SlotHolder> slotHolders(const api::TaskGrant& grant, const std::string& slot) const;
  plan::RoleFact roleFact(const std::string& ns, const api::RoleRef& role, const std::string& path) const;
  std::vector<std::shared_ptr<const api::RoleBinding>> bindingsOf(const api::TaskGrant& grant) const;
  std::vector<plan::Ancestor> ancestorsOf(const api::TaskGrant& grant) const;
  void addDescendants(const api::TaskGrant& grant, size_t depth, std::vector<plan::Descendant>& out) const;

  apply::Stores& stores_;
  apply::ProofBook& proofs_;
  const Judge request_;
  const Clock& clock_;
};

}  // namespace errand::control
