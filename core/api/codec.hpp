// Decodes every kind from JSON, and names Errand's labels and annotations.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "core/base/result.hpp"

namespace errand {
class JsonNode;
}

namespace errand::api {

// Decodes an object by its kind's table of fields (core/api/table). Fails with Invalid if a field has the
// wrong type; the message begins with the field's path. Ignores fields that the type does not have, so that
// later API versions stay readable. Missing fields keep their defaults. Never throws.
template <class T>
Result<T> decodeNode(const JsonNode& object);

// Decodes text. Also fails with Invalid if JsonDocument cannot parse it.
template <class T>
Result<T> decodeText(std::string_view text);

// Decodes an object that is already a JSON value. Slow, because it prints and parses the value again.
template <class T>
Result<T> decode(const nlohmann::json& value);

inline constexpr std::string_view kGroupVersion = "errand.dev/v1alpha1";
inline constexpr std::string_view kFieldManager = "errand-operator";
// On objects that the operator creates: the grant, its uid, the AgentIdentity and its tool class.
inline constexpr std::string_view kGrantLabel = "errand.dev/task-grant";
inline constexpr std::string_view kGrantUidLabel = "errand.dev/task-grant-uid";
inline constexpr std::string_view kIdentityLabel = "errand.dev/agent-identity";
inline constexpr std::string_view kToolClassLabel = "errand.dev/tool-class";
// On a namespace: whether the webhook checks it.
inline constexpr std::string_view kEnforceLabel = "errand.dev/enforce";
// On a namespace: the time from which the webhook has checked its pods (RFC 3339), by the operator.
inline constexpr std::string_view kEnforcedSinceAnnotation = "errand.dev/enforced-since";
// On a pod: the imagePullSecrets that admission has removed.
inline constexpr std::string_view kRemovedPullSecretsAnnotation = "errand.dev/removed-pull-secrets";
// On a namespace: "true" suspends every agent of it.
inline constexpr std::string_view kSuspendedLabel = "errand.dev/suspended";
// On a Secret: "true" allows grants to lease it.
inline constexpr std::string_view kLeasableLabel = "errand.dev/leasable";
// On the Secret of a slot: the list of its credentials (decodeCredentials).
inline constexpr std::string_view kCredentialsAnnotation = "errand.dev/credentials";
inline constexpr std::string_view kFinalizer = "errand.dev/revoke";
inline constexpr std::string_view kSchedulingGate = "errand.dev/grant";

}  // namespace errand::api
