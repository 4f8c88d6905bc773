// Decodes every kind from JSON, and defines the constants that all kinds share.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "core/base/result.hpp"

namespace errand {
class JsonNode;
}

namespace errand::api {

// Decodes an object by its kind's table of fields (core/api/table). Never throws: a field of the wrong type
// fails with Invalid and its path. Ignores fields that the type does not have, so that later API versions
// stay readable.
template <class T>
Result<T> decodeNode(const JsonNode& object);

// Decodes text. Parses it strictly, as JsonDocument does.
template <class T>
Result<T> decodeText(std::string_view text);

// Decodes an object that is kept as JSON. It prints and parses the object again, so do not use it
// for many objects.
template <class T>
Result<T> decode(const nlohmann::json& value);

inline constexpr std::string_view kGroupVersion = "errand.dev/v1alpha1";
inline constexpr std::string_view kFieldManager = "errand-operator";
inline constexpr std::string_view kGrantLabel = "errand.dev/task-grant";
inline constexpr std::string_view kGrantUidLabel = "errand.dev/task-grant-uid";
inline constexpr std::string_view kIdentityLabel = "errand.dev/agent-identity";
inline constexpr std::string_view kToolClassLabel = "errand.dev/tool-class";
inline constexpr std::string_view kEnforceLabel = "errand.dev/enforce";
// On a namespace: the time from which the webhook has checked its pods (RFC 3339). Only the
// operator writes it.
inline constexpr std::string_view kEnforcedSinceAnnotation = "errand.dev/enforced-since";
inline constexpr std::string_view kSuspendedLabel = "errand.dev/suspended";
inline constexpr std::string_view kLeasableLabel = "errand.dev/leasable";
inline constexpr std::string_view kCredentialsAnnotation = "errand.dev/credentials";
inline constexpr std::string_view kFinalizer = "errand.dev/revoke";
inline constexpr std::string_view kSchedulingGate = "errand.dev/grant";

}  // namespace errand::api
