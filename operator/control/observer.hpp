// Gathers what a plan decides on: from the stores, and from the API server
// where something is not watched (roles, before a start).
#pragma once

#include <map>
#include <string>

#include "core/base/guarded.hpp"
#include "core/kube/client/client.hpp"
#include "operator/apply/proofbook.hpp"
#include "operator/apply/stores.hpp"
#include "operator/plan/identity.hpp"
#include "operator/plan/observed.hpp"

namespace errand::control {

// Names of the stores' indexes.
inline constexpr std::string_view kByClass = "class";        // grants: agent/class
inline constexpr std::string_view kByAgent = "agent";        // grants: ns/agent
inline constexpr std::string_view kByAccount = "account";    // grants: ns/errand-g.*
inline constexpr std::string_view kByWorkload = "workload";  // grants: ns/Kind/name
inline constexpr std::string_view kBySecret = "secret";      // grants: ns/Secret they hold or lease
inline constexpr std::string_view kBySlot = "slot";          // identities: ns/Secret of a tool class
inline constexpr std::string_view kByRunsAs = "runs-as";     // pods: ns/account

std::string classKey(std::string_view ns, std::string_view agent, std::string_view toolClass);
std::string classKey(const api::TaskGrant& grant);
std::string secretKey(std::string_view ns, std::string_view name);
std::string agentKey(std::string_view ns, std::string_view agent);
std::string accountKey(std::string_view ns, std::string_view account);
std::string workloadKey(std::string_view ns, std::string_view kind, std::string_view name);

class Observer {
 public:
  Observer(apply::Stores& stores, apply::ProofBook& proofs, const kube::Client& client, const Clock& clock)
      : stores_(stores), proofs_(proofs), client_(client), clock_(clock) {}

  plan::Observed observe(std::shared_ptr<const api::TaskGrant> grant);
  plan::ObservedIdentity observe(std::shared_ptr<const api::AgentIdentity> identity) const;
  // `needed`: the namespace's own objects decide, even where it is not enforced.
  plan::NamespaceFacts factsOf(std::string_view ns, bool needed) const;

 private:
  std::optional<plan::WorkloadFacts> workloadOf(const api::TaskGrant& grant) const;
  std::shared_ptr<const api::Object> strayedSlot(const api::TaskGrant& grant, bool slotKnown) const;
  plan::RoleFact roleFact(const std::string& ns, const api::RoleRef& role, const std::string& path);

  struct CachedRole {
    plan::RoleFact fact;
    std::chrono::steady_clock::time_point readAt;
  };

  apply::Stores& stores_;
  apply::ProofBook& proofs_;
  const kube::Client& client_;
  const Clock& clock_;
  Guarded<std::map<std::string, CachedRole>> roles_;
};

}  // namespace errand::control
