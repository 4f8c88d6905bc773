// Compares the specs of guards, without the fields that the API server or a certificate controller adds.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace errand::guards {

// A guard by its kind and name, such as ValidatingAdmissionPolicy errand-tokens.
struct Id {
  std::string kind, name;
  auto operator<=>(const Id&) const = default;
};

inline constexpr std::string_view kPolicy = "ValidatingAdmissionPolicy";
inline constexpr std::string_view kBinding = "ValidatingAdmissionPolicyBinding";
inline constexpr std::string_view kMutating = "MutatingWebhookConfiguration";
inline constexpr std::string_view kValidating = "ValidatingWebhookConfiguration";

// True for the two kinds that have `webhooks` instead of a `spec`.
inline bool isConfiguration(std::string_view kind) { return kind == kMutating || kind == kValidating; }

// Takes the `spec` of a policy or binding, or the `webhooks` of a configuration, and returns it without
// caBundle and without fields that equal the API's default. Values of an unexpected type stay as they are.
// https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/
nlohmann::json normalised(std::string_view kind, nlohmann::json spec);

// Returns the path of the first difference, such as spec.matchConstraints.resourceRules[0].operations. Empty
// if the two are equal. Both must be normalised().
std::string difference(std::string_view kind, const nlohmann::json& shipped, const nlohmann::json& stored);

}  // namespace errand::guards
