// What of a guard counts: its spec, without what the API server adds when it stores it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace errand::guards {

// A guard by its kind and name: ValidatingAdmissionPolicy errand-tokens.
struct Id {
  std::string kind, name;
  auto operator<=>(const Id&) const = default;
};

inline constexpr std::string_view kPolicy = "ValidatingAdmissionPolicy";
inline constexpr std::string_view kBinding = "ValidatingAdmissionPolicyBinding";
inline constexpr std::string_view kMutating = "MutatingWebhookConfiguration";
inline constexpr std::string_view kValidating = "ValidatingWebhookConfiguration";

// `spec` of a policy or binding, or `webhooks` of a configuration, without the defaults of the API and
// without caBundle. Where a default is taken away, a field that is absent means the same.
// https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/
nlohmann::json normalised(std::string_view kind, nlohmann::json spec);

// Where the two differ first, as a path: spec.matchConstraints.resourceRules[0].operations. Empty: they are
// equal.
std::string difference(std::string_view kind, const nlohmann::json& shipped, const nlohmann::json& stored);

}  // namespace errand::guards
