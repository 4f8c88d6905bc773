// Reads leased Secrets, and copies them for pods whose volumes name no keys.
#pragma once

#include <string>

#include "core/api/secret.hpp"
#include "core/kube/client/client.hpp"
#include "operator/apply/secrets/own.hpp"
#include "operator/plan/actions.hpp"

namespace errand::apply {

// Reads the source of a lease. Fails with Invalid if its type is never leased.
Result<api::Secret> readLease(const kube::Client& client, const std::string& ns, const std::string& name);

// Copies the source into a Secret of the grant. Fails like readLease(), and with AlreadyExists if the Secret
// of that name is not the grant's.
Result<void> copyLease(const plan::CopyLease& action, const api::TaskGrant& grant, const kube::Client& client,
                       const OwnSecrets& own);

}  // namespace errand::apply
