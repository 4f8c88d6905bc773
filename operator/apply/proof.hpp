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
  // The end is proven once each of `servers` rejects the token. `servers` must not be empty. All references
  // must outlive this object.
  Prover(const kube::Client& client, const state::Stores& stores, state::RevocationProofs& proofs,
         std::vector<kube::Client> servers, const Clock& clock)
      : client_(client), stores_(stores), proofs_(proofs), proofServers_(std::move(servers)), clock_(clock) {}

  // Keeps the token of a slot's Secret in memory. Call it before the Secret is deleted: after a restart, the
  // Secret is the only copy. Fails with NotFound if there is no Secret. Succeeds and keeps nothing if the
  // Secret has another uid, or has no token that can be reviewed. Without a token, expiry confirms the end,
  // so the caller deletes the Secret after every error except Cancelled.
  Result<void> keepToken(const plan::Delete& action, const api::TaskGrant& grant) const;

  // Requests and keeps a token of the grant's account for the proof. Always succeeds: a failed request is
  // logged, and expiry confirms the end.
  Result<void> mintProbe(const plan::MintProbe& action, const api::TaskGrant& grant) const;

  // Reviews the kept token at each server, and records whether all of them reject it. Succeeds if no token is
  // kept. A failed review counts as an acceptance, and its error is returned.
  Result<void> reviewToken(const api::TaskGrant& grant) const;

 private:
  const kube::Client& client_;
  const state::Stores& stores_;
  state::RevocationProofs& proofs_;
  const std::vector<kube::Client> proofServers_;
  const Clock& clock_;
};

}  // namespace errand::apply
