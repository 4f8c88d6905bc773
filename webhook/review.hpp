// One admission request in, its whole answer out: the mutating half completes
// pods, the validating half judges them. Pure, so that every verdict can be
// replayed in a test: no network, clock or thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/agentidentity.hpp"
#include "core/api/taskgrant.hpp"
#include "core/base/result.hpp"

namespace errand::webhook {

// What the caches know. All four must be set; each may be called several times
// for one review and must answer without blocking.
struct Views {
  std::function<std::shared_ptr<const api::TaskGrant>(std::string_view ns, std::string_view name)> grant;
  // By the grant's own ServiceAccount, errand-g.<20 hexadecimal digits of its uid>.
  std::function<std::shared_ptr<const api::TaskGrant>(std::string_view ns, std::string_view account)> grantOfAccount;
  std::function<std::shared_ptr<const api::AgentIdentity>(std::string_view ns, std::string_view name)> identity;
  // Whether the namespace has the label errand.dev/enforce: "true". The API
  // server's selector has said so already: answer true where it is not known.
  std::function<bool(std::string_view ns)> enforced;
};

enum class Path { Mutate, Validate };

// A pod names this grant, and it, its identity or its ServiceAccount is not
// known to Views: looking again a little later may help.
struct NeedsGrant {
  std::string ns, name;
};

struct Outcome {
  std::string body;                 // an AdmissionReview to send as it is; a refusal where `needs` is set
  std::optional<NeedsGrant> needs;
  bool allowed = false;
  std::vector<std::string> ruleIds;  // of the findings, sorted, each once
};

// Reads an AdmissionReview (admission.k8s.io/v1) and answers it. What cannot be
// decoded in the object is a refusal that says which field. An error means that
// `body` is no AdmissionReview that could be answered (HTTP 400): not JSON or
// not UTF-8, nested deeper than 100, another version, or without a uid.
// Judged are CREATE of pods and UPDATE of pods/ephemeralcontainers in
// namespaces that Views::enforced; everything else is allowed untouched.
Result<Outcome> review(Path path, std::string_view body, const Views& views);

}  // namespace errand::webhook
