// Reads a grant from the API server, because the watch may lag behind.
#pragma once

#include <memory>
#include <string>

#include "core/kube/client/client.hpp"
#include "operator/state/stores.hpp"

namespace errand::apply {

// Returns the grant, and puts it into the store. Fails with NotFound if there is no such grant, with Invalid
// if it cannot be decoded, or with another error of the API server.
Result<std::shared_ptr<const api::TaskGrant>> readGrant(const kube::Client& client, state::Stores& stores,
                                                        const std::string& ns, const std::string& name);

}  // namespace errand::apply
