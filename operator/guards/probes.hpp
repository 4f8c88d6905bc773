// Forged writes that the policies must reject, sent as an account that no policy exempts.
#pragma once

#include <string>
#include <vector>

#include "core/kube/client/client.hpp"
#include "operator/guards/plan.hpp"
#include "operator/guards/shipped.hpp"

namespace errand::guards {

// The account has only the rights for these writes. The policy errand-probe rejects all of them
// except dry runs.
inline constexpr const char* kProbeAccount = "errand-probe";

// A forged write, and the policy that must reject it.
struct Probe {
  std::string policy;
  kube::Attempt attempt;  // only this policy rejects it
};

// Returns a probe for each policy of `specs` that can reject a write without an existing object. `ns` is the
// operator's namespace.
std::vector<Probe> probesOf(const Specs& specs, const std::string& ns);

// Sends each probe to each server. The result is Admitted if a server admits one, or else Unknown if an
// answer is missing.
Probed probe(const std::vector<Probe>& probes, const std::vector<kube::Client>& servers,
             const Sensitive& token);

}  // namespace errand::guards
