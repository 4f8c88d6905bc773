// Carries out the actions of a plan, one after the other.
#pragma once

#include "core/api/secretdata.hpp"
#include "core/kube/client/client.hpp"
#include "operator/plan/enforcement.hpp"
#include "operator/plan/identity.hpp"
#include "operator/plan/plan.hpp"
#include "operator/state/revocationproofs.hpp"
#include "operator/state/stores.hpp"

namespace errand::apply {

// The address of the API server for agents: goes into the slot's kubeconfig.
struct ApiEndpoint {
  std::string server;  // https://kubernetes.default.svc
  std::string caPem;
};

// Guarantees: every action may be repeated after a crash or a lost answer. An object that exists and was not
// made for the owner is AlreadyExists, never overwritten. Answers go into the stores, so that the next plan sees
// them.
class Applier {
 public:
  // Each of `proofServers` must reject a token: they are the API servers one by one, whereas `client` reaches
  // them behind one address. If empty, `client` is used.
  Applier(const kube::Client& client, state::Stores& stores, state::RevocationProofs& proofs,
          ApiEndpoint endpoint, const Clock& clock, std::vector<kube::Client> proofServers = {})
      : client_(client),
        stores_(stores),
        proofs_(proofs),
        endpoint_(std::move(endpoint)),
        clock_(clock),
        proofServers_(std::move(proofServers)) {
    if (proofServers_.empty()) proofServers_.push_back(client_);
  }

  Result<void> carryOut(const plan::Action& action, const api::TaskGrant& grant) const;
  Result<void> carryOut(const plan::IdentityAction& action, const api::AgentIdentity& identity) const;

  // Returns the uid of the created account. Fails with AlreadyExists if any account of that name exists.
  Result<std::string> create(const plan::CreateAccount& action) const;

  // Fails with Conflict if the namespace has changed since it was read.
  Result<void> markEnforced(const plan::MarkEnforced& action) const;

  // Returns the certificate authority by which pods of a namespace verify the API server. The cluster writes
  // it into each namespace. Fails with NotFound before that.
  Result<std::string> rootCa(const std::string& ns) const;

  // Deletes the object of that uid. Succeeds if it is gone or another object has its name.
  Result<void> remove(const plan::Delete& action, const std::string& ns) const;

  // Fails with Conflict if the object has changed since it was read.
  Result<void> storeStatus(const api::TaskGrant& grant, const api::TaskGrantStatus& status) const;
  // Stores an end, whatever else is written to the grant at the same time. Fails with Invalid if another
  // grant has its name, or its phase is no longer that of `grant`.
  Result<void> storeEnd(const api::TaskGrant& grant, const api::TaskGrantStatus& status) const;
  Result<void> storeStatus(const api::AgentIdentity& identity,
                           const api::AgentIdentity::Status& status) const;

  // Reads the grant from the API server, because the watch may lag behind.
  Result<std::shared_ptr<const api::TaskGrant>> read(const std::string& ns, const std::string& name) const;

 private:
  Result<void> patchFinalizers(const api::TaskGrant& grant, bool add) const;
  Result<void> create(const plan::CreateBinding& action, const std::string& ownerUid) const;
  Result<void> repair(const plan::RepairAccount& action) const;
  Result<void> checkLease(const plan::CheckLease& action, const api::TaskGrant& grant) const;
  Result<void> copyLease(const plan::CopyLease& action, const api::TaskGrant& grant) const;
  Result<std::shared_ptr<const api::PartialObject>> ownSecret(const api::ObjectMeta& meta,
                                                              const api::TaskGrant& grant,
                                                              std::string ifForeign) const;
  Result<void> overwrite(const api::ObjectMeta& existing, const api::ObjectMeta& meta,
                         const api::SecretData& data) const;
  Result<void> notNamed(const plan::Delete& action, const api::TaskGrant& grant) const;
  Result<void> stillRuns(const api::TaskGrant& grant) const;
  Result<void> fillSlot(const plan::FillSlot& action, const api::TaskGrant& grant) const;
  Result<void> liftGate(const plan::LiftGate& action, const api::TaskGrant& grant) const;
  Result<void> endRun(const plan::EndRun& action, const api::TaskGrant& grant) const;
  Result<void> keepToken(const plan::Delete& action, const api::TaskGrant& grant) const;
  Result<void> mintProbe(const plan::MintProbe& action, const api::TaskGrant& grant) const;
  Result<void> reviewToken(const api::TaskGrant& grant) const;
  Result<void> deleteGrant(const api::TaskGrant& grant) const;

  const kube::Client& client_;
  state::Stores& stores_;
  state::RevocationProofs& proofs_;
  ApiEndpoint endpoint_;
  const Clock& clock_;
  std::vector<kube::Client> proofServers_;
};

}  // namespace errand::apply
