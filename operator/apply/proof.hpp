// The proof that credentials are refused: which token is reviewed, and how.
#pragma once

#include <vector>

#include "core/base/time.hpp"
#include "core/kube/client/client.hpp"
#include "operator/plan/actions.hpp"
#include "operator/state/revocationproofs.hpp"
#include "operator/state/stores.hpp"

namespace errand::apply {

class Prover {
 public:
  // Each of `servers` must reject a token. All outlive this object.
  Prover(const kube::Client& client, const state::Stores& stores, state::RevocationProofs& proofs,
         std::vector<kube::Client> servers, const Clock& clock)
      : client_(client), stores_(stores), proofs_(proofs), proofServers_(std::move(servers)), clock_(clock) {}

  // Remembers the token of a slot's Secret that is to be deleted. After a restart no other place has it. Best
  // effort: without it the end is confirmed by expiry.
  Result<void> keepToken(const plan::Delete& action, const api::TaskGrant& grant) const;

  // Best effort as well: the account must be deleted even if no probe token could be minted.
  Result<void> mintProbe(const plan::MintProbe& action, const api::TaskGrant& grant) const;

  // Reviews the token that is held, if any, and records what the API servers answer.
  Result<void> reviewToken(const api::TaskGrant& grant) const;

 private:
  const kube::Client& client_;
  const state::Stores& stores_;
  state::RevocationProofs& proofs_;
  const std::vector<kube::Client> proofServers_;
  const Clock& clock_;
};

}  // namespace errand::apply
