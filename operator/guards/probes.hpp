// Writes that the policies must refuse, tried as an account that none of them lets pass.
#pragma once

#include <string>
#include <vector>

#include "core/kube/client/client.hpp"
#include "operator/guards/plan.hpp"
#include "operator/guards/shipped.hpp"

namespace errand::guards {

// Rights to what it tries, and no others; the policy errand-probe refuses what is no dry run.
inline constexpr const char* kProbeAccount = "errand-probe";

struct Probe {
  std::string policy;
  kube::Attempt attempt;  // refused by this policy, and by no other of ours
};

// One for each policy of `specs` that can refuse something without an object that already exists. `ns` is
// where the operator is.
std::vector<Probe> probesOf(const Specs& specs, const std::string& ns);

// Tries each at each server. Admitted where one passes anywhere, else Unknown where there is no answer.
Probed probe(const std::vector<Probe>& probes, const std::vector<kube::Client>& servers,
             const Sensitive& token);

}  // namespace errand::guards
