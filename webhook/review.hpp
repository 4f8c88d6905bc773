// One admission request in, its whole answer out: the mutating half completes
// pods, the validating half checks them and guards grants. Pure, so that every verdict can be
// replayed in a test: no network, clock or thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "rules/views.hpp"
#include "webhook/guard/request/views.hpp"

namespace errand::webhook {

enum class Path { Mutate, Validate };

struct Outcome {
  std::string body;  // an AdmissionReview to send as it is; a refusal where `needs`, `asks` or `roles` is set
  std::optional<rules::NeedsGrant> needs;
  std::vector<api::AccessRequest> asks;  // likewise: their answers decide
  bool allowed = false;
  std::vector<std::string> ruleIds;  // of the findings, allowed or not, sorted; none for a guard's refusal
  std::vector<RoleKey> roles = {};   // as `asks`: what these roles allow decides
  std::vector<std::string> exempted = {};  // rules of findings that an Exemption took out, one a finding
};

// Reads an AdmissionReview (admission.k8s.io/v1) and answers it. What cannot be
// decoded in the object is a refusal that says which field. An error means that
// `body` is no AdmissionReview that could be answered (HTTP 400): not JSON or
// not UTF-8, nested deeper than 100, a key twice in one object, a key of the review that
// is one only but for its case, another version, or without a uid.
// A TaskGrant records who asks for it, and what may be asked for is checked of
// TaskGrants and AgentIdentities, in every namespace and mode (webhook/guard/request).
// Checked are CREATE of pods and, by the validating half, UPDATE of pods and of
// pods/ephemeralcontainers, CREATE of serviceaccounts/token, and CREATE and UPDATE of
// whatever other object is sent; everything else is allowed untouched. Views::mode
// of the namespace says what becomes of findings: what the guards refuse is refused in
// every mode, and pods are completed where it is Enforce alone. `now` is
// compared with the windows of grants and the ends of Exemptions.
Result<Outcome> review(Path path, std::string_view body, const rules::Views& views,
                       const RequestViews& requests, Time now);

}  // namespace errand::webhook
