// Decoding of every kind from JSON, and the constants that all kinds share.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "core/base/result.hpp"

namespace errand {
class JsonNode;
}

namespace errand::api {

// A kind's decoders derive from its table of fields (core/api/table), in its .cpp file. Decoding never
// throws: a field of the wrong type is an Invalid error that names its path. Fields that a type does not have
// are ignored, as the API's evolution requires.
template <class T>
Result<T> decodeNode(const JsonNode& object);

// The same for text, which is parsed strictly: core/json/document.hpp.
template <class T>
Result<T> decodeText(std::string_view text);

// The same for an object that is kept as JSON. It is printed and read again, so do not use it for many.
template <class T>
Result<T> decode(const nlohmann::json& value);

inline constexpr std::string_view kGroupVersion = "errand.dev/v1alpha1";
inline constexpr std::string_view kFieldManager = "errand-operator";
inline constexpr std::string_view kGrantLabel = "errand.dev/task-grant";
inline constexpr std::string_view kGrantUidLabel = "errand.dev/task-grant-uid";
inline constexpr std::string_view kIdentityLabel = "errand.dev/agent-identity";
inline constexpr std::string_view kToolClassLabel = "errand.dev/tool-class";
inline constexpr std::string_view kEnforceLabel = "errand.dev/enforce";
// On a namespace: the time from which the webhook has checked its pods (RFC 3339).
// Only the operator writes it.
inline constexpr std::string_view kEnforcedSinceAnnotation = "errand.dev/enforced-since";
inline constexpr std::string_view kSuspendedLabel = "errand.dev/suspended";
inline constexpr std::string_view kLeasableLabel = "errand.dev/leasable";
inline constexpr std::string_view kCredentialsAnnotation = "errand.dev/credentials";
inline constexpr std::string_view kFinalizer = "errand.dev/revoke";
inline constexpr std::string_view kSchedulingGate = "errand.dev/grant";

}  // namespace errand::api
