// Reads leased Secrets, and copies them for delivery Projected, where a pod mounts each copy as a folder.
#pragma once

#include <string>

#include "core/api/secret.hpp"
#include "core/kube/client/client.hpp"
#include "operator/apply/secrets/own.hpp"
#include "operator/plan/actions.hpp"

namespace errand::apply {

// Reads the source of a lease. Fails with NotFound if there is no such Secret, with Invalid if its type is
// never leased (tokens of ServiceAccounts, Helm releases), and with Internal if the answer is not JSON.
Result<api::Secret> readLease(const kube::Client& client, const std::string& ns, const std::string& name);

// Copies the source into a Secret of the grant, and overwrites an older copy. Fails like readLease() and
// OwnSecrets. After a failure the copy may exist without new data. May be repeated.
Result<void> copyLease(const plan::CopyLease& action, const api::TaskGrant& grant, const kube::Client& client,
                       const OwnSecrets& own);

}  // namespace errand::apply
