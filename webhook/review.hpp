// Answers one admission request. /mutate completes pods; /validate checks them and guards grants. It uses no
// network, clock or thread, so that a test can replay every verdict.
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

// The webhook's two paths: /mutate and /validate.
enum class Path { Mutate, Validate };

// The answer to a review, and the data that it lacks.
struct Outcome {
  std::string body;  // an AdmissionReview to send; a refusal if `needs`, `asks` or `roles` is set
  std::optional<rules::NeedsGrant> needs = {};
  std::vector<api::AccessRequest> asks = {};  // questions whose answers may change the refusal
  bool allowed = false;
  // The rules of the findings, whether allowed or not, sorted. Empty for a guard's refusal.
  std::vector<std::string> ruleIds = {};
  std::vector<rules::RoleKey> roles = {};  // roles whose rules may change the refusal
  std::vector<std::string> exempted = {};  // the rule of each finding that an Exemption removed
};

// Reads an AdmissionReview (admission.k8s.io/v1) and answers it. If the object cannot be decoded, the answer
// is a refusal that names the field.
//
// Fails if `body` is no AdmissionReview that can be answered (HTTP 400):
// - not JSON, not UTF-8, or nested deeper than 100
// - a key twice in one object, or a key of the review in another case
// - another version, or no uid
//
// /mutate records in a TaskGrant the user who requests it, at CREATE and at UPDATE. The rights of the users
// who write TaskGrants and AgentIdentities are checked in every namespace and mode (webhook/guard/request).
//
// These requests are checked; all others are allowed unchanged:
// - CREATE of pods, by both paths
// - UPDATE of pods and of pods/ephemeralcontainers, by /validate
// - CREATE of serviceaccounts/token, by /validate
// - CREATE and UPDATE of every other object that is sent, by /validate
//
// The mode of the namespace decides the effect of findings. A refusal by a guard applies in every
// mode. Pods are completed only in mode Enforce. `now` is compared with the windows of grants and the
// ends of Exemptions.
Result<Outcome> review(Path path, std::string_view body, const rules::ClusterState& cluster,
                       const rules::RuleSettings& settings, Time now);

}  // namespace errand::webhook
