// Forged writes that the policies must reject, sent as an account that no policy exempts.
#pragma once

#include <string>
#include <vector>

#include "core/kube/client/client.hpp"
#include "operator/guards/plan.hpp"
#include "operator/guards/shipped.hpp"

namespace errand::guards {

// The account has only the rights for these writes. The policy errand-probe rejects each of them that is not
// a dry run.
inline constexpr const char* kProbeAccount = "errand-probe";

// A forged write, and the policy that must reject it.
struct Probe {
  std::string policy;
  kube::Attempt attempt;  // no other policy rejects it
};

// Returns a probe for each policy of `specs` that can be tried without an existing object. The other policies
// are not probed. `ns` is the operator's namespace.
std::vector<Probe> probesOf(const Specs& specs, const std::string& ns);

// Sends each probe to each server as a dry run, as the owner of `token`. The result is Admitted if a server
// admits one. Otherwise it is Unknown if any error is not the rejection by the probe's policy, or if there is
// no probe or no server. Blocks for the calls.
ProbeResult probe(const std::vector<Probe>& probes, const std::vector<kube::Client>& servers,
                  const Sensitive& token);

}  // namespace errand::guards
