// Carries out the actions of a plan, one after the other.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/kube/client/client.hpp"
#include "operator/apply/proof.hpp"
#include "operator/apply/readgrant.hpp"
#include "operator/apply/secrets/own.hpp"
#include "operator/apply/secrets/slot.hpp"
#include "operator/plan/enforcement.hpp"
#include "operator/plan/identity.hpp"
#include "operator/plan/plan.hpp"
#include "operator/state/revocationproofs.hpp"
#include "operator/state/stores.hpp"

namespace errand::apply {

// Guarantees:
// - Every action may be repeated after a crash or a lost answer. A repeated CreateAccount fails with
//   AlreadyExists; the next plan deletes that account and creates another.
// - No creation overwrites an existing object of another owner: it fails with AlreadyExists.
// - Answers go into the stores, so that the next plan sees them.
//
// Safe to use from several threads.
class Applier {
 public:
  // `proofServers` has one client for each API server. The end of a token is proven only if each of them
  // rejects it. If the list is empty, `client` is used. All references must outlive this object.
  Applier(const kube::Client& client, state::Stores& stores, state::RevocationProofs& proofs,
          ApiEndpoint endpoint, const Clock& clock, std::vector<kube::Client> proofServers = {})
      : client_(client),
        stores_(stores),
        ownSecrets_(client, stores),
        slotFiller_(client, stores, proofs, ownSecrets_, std::move(endpoint), clock),
        prover_(client, stores, proofs, proofServers.empty() ? std::vector{client} : std::move(proofServers),
                clock) {}
  Applier(const Applier&) = delete;
  Applier& operator=(const Applier&) = delete;

  // Executes one action. Fails as the action's type (plan/actions.hpp) describes, or with an error of the API
  // server. Fails with Invalid if an answer cannot be decoded; the write has succeeded in that case.
  Result<void> carryOut(const plan::Action& action, const api::TaskGrant& grant) const;
  Result<void> carryOut(const plan::IdentityAction& action, const api::AgentIdentity& identity) const;

  // Returns the uid of the created account. Fails with AlreadyExists if any account of that name exists.
  Result<std::string> create(const plan::CreateAccount& action) const;

  // Fails with Conflict if the namespace has changed since it was read, and with NotFound if it was deleted.
  Result<void> markEnforced(const plan::MarkEnforced& action) const;

  // Returns the certificate authority (PEM) by which the pods of a namespace verify the API server: ca.crt of
  // the ConfigMap kube-root-ca.crt. Fails with NotFound until the cluster has written it.
  Result<std::string> rootCa(const std::string& ns) const;

  // Deletes the object of that uid. Succeeds if the object does not exist, or another object has its name.
  // Ignores `keepToken` and `unlessRecorded`; carryOut() handles them.
  Result<void> remove(const plan::Delete& action, const std::string& ns) const;

  // Fails with Conflict if the object has changed since it was read.
  Result<void> storeStatus(const api::TaskGrant& grant, const api::TaskGrantStatus& status) const;
  // Stores an end even if the grant has changed since it was read. Fails with Invalid if another grant has
  // its name, or its phase differs from that of `grant`. If `grant` has no phase, the phase is not compared.
  Result<void> storeEnd(const api::TaskGrant& grant, const api::TaskGrantStatus& status) const;
  Result<void> storeStatus(const api::AgentIdentity& identity,
                           const api::AgentIdentity::Status& status) const;

  // Reads the grant from the API server, because the watch may lag behind. Fails with NotFound if there is no
  // such grant.
  Result<std::shared_ptr<const api::TaskGrant>> read(const std::string& ns, const std::string& name) const {
    return readGrant(client_, stores_, ns, name);
  }

 private:
  Result<void> patchFinalizers(const api::TaskGrant& grant, bool add) const;
  Result<void> create(const plan::CreateBinding& action, const std::string& ownerUid) const;
  Result<void> repair(const plan::RepairAccount& action) const;
  Result<void> checkNotRecorded(const plan::Delete& action, const api::TaskGrant& grant) const;
  Result<void> liftGate(const plan::LiftGate& action, const api::TaskGrant& grant) const;
  Result<void> endRun(const plan::EndRun& action, const api::TaskGrant& grant) const;
  Result<void> deleteGrant(const api::TaskGrant& grant) const;

  // True if no object of that uid has that name. False if the API server does not answer.
  bool isGone(const api::Resource& resource, const std::string& ns, const std::string& name,
              const std::string& uid) const;

  const kube::Client& client_;
  state::Stores& stores_;
  const OwnSecrets ownSecrets_;
  const SlotFiller slotFiller_;
  const Prover prover_;
};

}  // namespace errand::apply
