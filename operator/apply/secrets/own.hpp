// Creates and overwrites the Secrets of a grant: its slot, and its copies of leased Secrets.
#pragma once

#include <memory>
#include <string>

#include "core/api/secretdata.hpp"
#include "core/kube/client/client.hpp"
#include "operator/state/stores.hpp"

namespace errand::apply {

// Creates and overwrites the Secrets of a grant, and never those of another owner.
class OwnSecrets {
 public:
  // Both arguments must outlive this object.
  OwnSecrets(const kube::Client& client, state::Stores& stores) : client_(client), stores_(stores) {}

  // Returns the grant's Secret of that name, and creates it empty if it does not exist. Tokens are bound to
  // its uid, so it must exist before them. Server-side apply removes only fields that an apply has set, so
  // the data is not part of the creation. Fails with AlreadyExists and the message `ifForeign` if the Secret
  // is not the grant's.
  Result<std::shared_ptr<const api::PartialObject>> ensure(const api::ObjectMeta& meta,
                                                           const api::TaskGrant& grant,
                                                           std::string ifForeign) const;

  // Replaces the data. Fails with Conflict if the uid or resourceVersion of the Secret
  // differs from `existing`.
  Result<void> overwrite(const api::ObjectMeta& existing, const api::ObjectMeta& meta,
                         const api::SecretData& data) const;

 private:
  const kube::Client& client_;
  state::Stores& stores_;
};

}  // namespace errand::apply
