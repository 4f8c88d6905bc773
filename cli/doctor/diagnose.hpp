// Checks an installation. Pure.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "cli/doctor/facts.hpp"

namespace errand::cli {

// The admission policies that manifests/admission ships. Each has a binding of its name.
extern const std::array<std::string_view, 23> kShippedPolicies;

// Returns one line for each check: the kinds, the processes, the lease, the webhook configurations, the
// policies, the namespaces, the identities, the grants, and the users that may request grants.
std::vector<CheckLine> diagnose(const DoctorFacts& facts, Time now);

// The parts of diagnose().
void checkInstallation(const DoctorFacts& facts, Time now, std::vector<CheckLine>& out);
void checkNamespaces(const DoctorFacts& facts, std::vector<CheckLine>& out);
void checkAgents(const DoctorFacts& facts, std::vector<CheckLine>& out);

}  // namespace errand::cli
