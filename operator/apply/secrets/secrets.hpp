// Secrets that this folder writes, and those that it copies from.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/api/meta.hpp"
#include "core/api/secret.hpp"
#include "core/kube/client/client.hpp"

namespace errand::apply {

// Everything of a Secret of a grant but its data (api::SecretData). `version`, where it names what is to be
// overwritten, is a precondition: of two writers, the one that has not seen the other's fails.
nlohmann::json secretHead(api::ObjectMeta meta, const std::string& uid, const std::string& version);

// A source of a lease. Invalid where its type is one that is never leased.
Result<api::Secret> readLease(const kube::Client& client, const std::string& ns, const std::string& name);

}  // namespace errand::apply
