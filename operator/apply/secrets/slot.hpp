// Fills a slot: creates the grant's Secret, and writes tokens bound to it, leased values, and a kubeconfig.
#pragma once

#include <string>

#include "core/base/time.hpp"
#include "core/kube/client/client.hpp"
#include "operator/apply/secrets/own.hpp"
#include "operator/plan/actions.hpp"
#include "operator/state/revocationproofs.hpp"
#include "operator/state/stores.hpp"

namespace errand::apply {

// The address of the API server for agents, which goes into the slot's kubeconfig.
struct ApiEndpoint {
  std::string server;  // such as https://kubernetes.default.svc
  std::string caPem;
};

// Safe to use from several threads.
class SlotFiller {
 public:
  // All references must outlive this object.
  SlotFiller(const kube::Client& client, state::Stores& stores, state::RevocationProofs& proofs,
             const OwnSecrets& own, ApiEndpoint endpoint, const Clock& clock)
      : client_(client),
        stores_(stores),
        proofs_(proofs),
        own_(own),
        endpoint_(std::move(endpoint)),
        clock_(clock) {}

  // - Fails with AlreadyExists if the Secret is not the grant's.
  // - Fails with Conflict if the grant or its parent has ended, its window has closed, or the Secret has
  //   changed.
  // - Fails with Invalid if a leased key has the name of another file, or the content is too large.
  // - Fails like readLease() for a leased Secret, and with NotFound if the grant or its parent is gone.
  //
  // May be repeated. After a failure the Secret may exist without new data. Each token replaces the one kept
  // in `proofs` before it is written, so that the last one can be reviewed at the end.
  Result<void> fill(const plan::FillSlot& action, const api::TaskGrant& grant) const;

 private:
  Result<void> stillRuns(const api::TaskGrant& grant) const;

  const kube::Client& client_;
  state::Stores& stores_;
  state::RevocationProofs& proofs_;
  const OwnSecrets& own_;
  const ApiEndpoint endpoint_;
  const Clock& clock_;
};

}  // namespace errand::apply
