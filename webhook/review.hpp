// Answers one admission request. /mutate completes pods; /validate checks them and guards grants. The answer
// depends only on the arguments: no network, clock or thread. A test can therefore replay every verdict.
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
  // An AdmissionReview to send. It is a refusal if `needs` is set or `roles` is not empty.
  std::string body;
  std::optional<rules::NeedsGrant> needs = {};  // the grant whose arrival in the cache may change the refusal
  std::vector<api::AccessRequest> asks =
      {};  // questions whose answers may change the refusal or the warnings
  bool allowed = false;
  // The rules of the findings, whether the request is allowed or not, each once. Empty if a guard refuses
  // without a rule.
  std::vector<std::string> ruleIds = {};
  std::vector<rules::RoleKey> roles = {};  // roles whose rules may change the refusal
  std::vector<std::string> exempted = {};  // the rule of each finding that an Exemption removed
  struct Refused {
    std::string operation, resource, ns, name, user;
  };
  Refused refused = {};  // of a refusal, for the log
};

// Reads an AdmissionReview (admission.k8s.io/v1) and answers it. If the object cannot be decoded, the answer
// is a refusal that names the field.
//
// Fails with Invalid if `body` is no AdmissionReview that can be answered (HTTP 400):
// - not JSON, not UTF-8, or nested deeper than 100
// - a key twice in one object, or a key of the review in different upper or lower case
// - another version, or no uid
//
// /mutate records the requester in a TaskGrant at CREATE, and restores that record at UPDATE. /validate
// checks the rights of the users who write AgentIdentities or create TaskGrants (webhook/guard/request). Both
// apply in every namespace and mode.
//
// These requests are checked; all others are allowed unchanged:
// - CREATE of pods, by both paths
// - UPDATE of pods, pods/status and pods/ephemeralcontainers, by /validate
// - CREATE of serviceaccounts/token, by /validate
// - CREATE and UPDATE of every other object that the webhook configuration selects, by /validate
//
// The mode of the namespace decides the effect of findings. An unknown namespace or mode Off counts as
// Enforce. A refusal by a guard applies in every mode. Pods are completed only in mode Enforce. `now` is
// compared with the windows of grants and the ends of Exemptions.
Result<Outcome> review(Path path, std::string_view body, const rules::ClusterState& cluster,
                       const rules::RuleSettings& settings, Time now);

}  // namespace errand::webhook
