// The Secrets that this folder copies from.
#pragma once

#include <string>

#include "core/api/secret.hpp"
#include "core/kube/client/client.hpp"

namespace errand::apply {

// A source of a lease. Invalid where its type is one that is never leased.
Result<api::Secret> readLease(const kube::Client& client, const std::string& ns, const std::string& name);

}  // namespace errand::apply
