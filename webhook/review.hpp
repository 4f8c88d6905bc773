// Answers one admission request. The mutating half completes pods; the validating half checks them and guards
// grants. It uses no network, clock or thread, so that a test can replay every verdict.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "rules/cluster/clusterstate.hpp"
#include "rules/settings.hpp"

namespace errand::webhook {

enum class Path { Mutate, Validate };

struct Outcome {
  std::string body;  // an AdmissionReview to send as it is; a refusal where `needs`, `asks` or `roles` is set
  std::optional<rules::NeedsGrant> needs = {};
  std::vector<api::AccessRequest> asks = {};  // likewise: their answers may change the refusal
  bool allowed = false;
  std::vector<std::string> ruleIds =
      {};  // of the findings, allowed or not, sorted; none for a guard's refusal
  std::vector<rules::RoleKey> roles = {};  // as `asks`: the rules of these roles may change the refusal
  std::vector<std::string> exempted = {};  // the rule of each finding that an Exemption removed
};

// Reads an AdmissionReview (admission.k8s.io/v1) and answers it. If the object cannot be decoded, the answer
// is a refusal that names the field.
//
// Returns an error if `body` is no AdmissionReview that can be answered (HTTP 400): not JSON or not UTF-8,
// nested deeper than 100, with a key twice in one object, with a key of the review in another case, of
// another version, or without a uid.
//
// /mutate records in a TaskGrant the user who requests it, at CREATE and at UPDATE. The rights of the users
// who write TaskGrants and AgentIdentities are checked in every namespace and mode (webhook/guard/request).
//
// These requests are checked; all others are allowed unchanged:
// - CREATE of pods, by both halves
// - UPDATE of pods and of pods/ephemeralcontainers, by the validating half
// - CREATE of serviceaccounts/token, by the validating half
// - CREATE and UPDATE of every other object that is sent, by the validating half
//
// The mode of the namespace decides the effect of findings. A refusal by a guard applies in every mode.
// Pods are completed in mode Enforce only. `now` is compared with the windows of grants and the ends of
// Exemptions.
Result<Outcome> review(Path path, std::string_view body, const rules::ClusterState& cluster,
                       const rules::RuleSettings& settings, Time now);

}  // namespace errand::webhook
