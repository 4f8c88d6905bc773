// Proves that a grant's last token is rejected: chooses the token, and reviews it.
#pragma once

#include <vector>

#include "core/base/time.hpp"
#include "core/kube/client/client.hpp"
#include "operator/plan/actions.hpp"
#include "operator/state/revocationproofs.hpp"
#include "operator/state/stores.hpp"

namespace errand::apply {

// Keeps, requests and reviews the token that proves a revocation. Safe to use from several threads.
class Prover {
 public:
  // Each of `servers` must reject the token. All arguments must outlive this object.
  Prover(const kube::Client& client, const state::Stores& stores, state::RevocationProofs& proofs,
         std::vector<kube::Client> servers, const Clock& clock)
      : client_(client), stores_(stores), proofs_(proofs), proofServers_(std::move(servers)), clock_(clock) {}

  // Stores the token of a slot's Secret. Call it before the Secret is deleted: after a restart, the Secret is
  // the only copy. Without the token, its expiry confirms the end, so the caller deletes the Secret even
  // after an error other than Cancelled.
  Result<void> keepToken(const plan::Delete& action, const api::TaskGrant& grant) const;

  // Requests a token of the grant's account for the proof. The account is deleted even if this fails.
  Result<void> mintProbe(const plan::MintProbe& action, const api::TaskGrant& grant) const;

  // Reviews the stored token, if there is one, and records the answers of the API servers.
  Result<void> reviewToken(const api::TaskGrant& grant) const;

 private:
  const kube::Client& client_;
  const state::Stores& stores_;
  state::RevocationProofs& proofs_;
  const std::vector<kube::Client> proofServers_;
  const Clock& clock_;
};

}  // namespace errand::apply
