// Reads an installation, with the user's own rights.
#pragma once

#include <string>

#include "cli/doctor/facts.hpp"
#include "core/kube/client/client.hpp"

namespace errand::cli {

// Sends only get and list requests. An object that the user may not read becomes unknown. Never reads a
// Secret. Fails if the API server does not answer.
Result<DoctorFacts> readInstallation(const kube::Client& client, const std::string& operatorNamespace);

}  // namespace errand::cli
