// The Secrets that the operator makes for a grant: a slot, or a copy of a leased one.
#pragma once

#include <memory>
#include <string>

#include "core/api/secretdata.hpp"
#include "core/kube/client/client.hpp"
#include "operator/state/stores.hpp"

namespace errand::apply {

class OwnSecrets {
 public:
  // Both outlive this object.
  OwnSecrets(const kube::Client& client, state::Stores& stores) : client_(client), stores_(stores) {}

  // Returns the grant's Secret of that name, created empty if there is none. Tokens are bound to its uid, so
  // it exists before them; and an apply removes only what an apply has put there. Fails with AlreadyExists
  // and the message `ifForeign` if somebody else has made it.
  Result<std::shared_ptr<const api::PartialObject>> ensure(const api::ObjectMeta& meta,
                                                           const api::TaskGrant& grant,
                                                           std::string ifForeign) const;

  // Replaces the data. Fails with Conflict if the Secret is not `existing` any more, by uid and
  // resourceVersion.
  Result<void> overwrite(const api::ObjectMeta& existing, const api::ObjectMeta& meta,
                         const api::SecretData& data) const;

 private:
  const kube::Client& client_;
  state::Stores& stores_;
};

}  // namespace errand::apply
