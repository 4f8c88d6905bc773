// Creates and overwrites the Secrets of a grant: its slot, and its copies of leased Secrets.
#pragma once

#include <memory>
#include <string>

#include "core/api/secretdata.hpp"
#include "core/kube/client/client.hpp"
#include "operator/state/stores.hpp"

namespace errand::apply {

// Safe to use from several threads.
class OwnSecrets {
 public:
  // Both arguments must outlive this object.
  OwnSecrets(const kube::Client& client, state::Stores& stores) : client_(client), stores_(stores) {}

  // Returns the grant's Secret of that name from the store, or creates it without data. Tokens are bound to
  // its uid, so it must exist before them. All data is written by server-side apply, which removes only
  // fields that an earlier apply has set. Fails with AlreadyExists and the message `ifForeign` if the Secret
  // is not the grant's. May be repeated.
  Result<std::shared_ptr<const api::PartialObject>> ensure(const api::ObjectMeta& meta,
                                                           const api::TaskGrant& grant,
                                                           std::string ifForeign) const;

  // Replaces the data and sets the labels, owner and annotations of `meta`. Fails with Conflict if the uid or
  // resourceVersion of the Secret differs from `existing`. Fails with Invalid if the API server rejects the
  // content, such as more than 1 MiB.
  Result<void> overwrite(const api::ObjectMeta& existing, const api::ObjectMeta& meta,
                         const api::SecretData& data) const;

 private:
  const kube::Client& client_;
  state::Stores& stores_;
};

}  // namespace errand::apply
