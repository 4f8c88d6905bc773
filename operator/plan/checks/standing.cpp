#include "operator/plan/checks/standing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace errand::plan {
namespace {

constexpr std::string_view kUserPrefix = "system:serviceaccount:";
constexpr std::string_view kGroup = "system:serviceaccounts";

// https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings
constexpr std::array kOfEverybody = std::to_array<std::string_view>({
    "system:basic-user",
    "system:cluster-trust-bundle-discovery",
    "system:discovery",
    "system:public-info-viewer",
    "system:service-account-issuer-discovery",
});

bool isAgentAccount(std::string_view name) {
  return name.starts_with("errand-a.") || name.starts_with("errand-g.");
}

std::string keyOf(std::string_view ns, std::string_view account) { return fmt::format("{}/{}", ns, account); }

std::optional<std::string> keyOf(const api::Subject& s) {
  if (s.kind == "ServiceAccount" && isAgentAccount(s.name)) return keyOf(s.ns, s.name);
  if (s.kind == "User" && s.name.starts_with(kUserPrefix)) {
    const std::string_view rest = std::string_view(s.name).substr(kUserPrefix.size());
    const size_t colon = rest.find(':');
    if (colon != rest.npos && isAgentAccount(rest.substr(colon + 1)))
      return keyOf(rest.substr(0, colon), rest.substr(colon + 1));
  }
  if (s.kind == "Group" && (s.name == kGroup || s.name == "system:authenticated")) return keyOf("", "");
  if (s.kind == "Group" && s.name.starts_with(kGroup) && s.name.size() > kGroup.size() &&
      s.name[kGroup.size()] == ':')
    return keyOf(std::string_view(s.name).substr(kGroup.size() + 1), "");
  return std::nullopt;
}

}  // namespace

std::vector<std::string> standingKeys(const api::RoleBinding& binding,
                                      const std::vector<std::string>& ignored) {
  std::vector<std::string> out;
  if (binding.role.kind == "ClusterRole" &&
      (std::ranges::find(kOfEverybody, binding.role.name) != kOfEverybody.end() ||
       std::ranges::find(ignored, binding.role.name) != ignored.end()))
    return out;
  for (const api::Subject& s : binding.subjects)
    if (auto key = keyOf(s); key && std::ranges::find(out, *key) == out.end()) out.push_back(std::move(*key));
  return out;
}

std::vector<std::string> keysOfAccount(std::string_view ns, std::string_view account) {
  return {keyOf(ns, account), keyOf(ns, ""), keyOf("", "")};
}

StandingScope scopeOfKey(std::string_view key) {
  const size_t slash = key.find('/');
  return {key.substr(0, slash), key.substr(slash + 1)};
}

std::vector<Problem> standingProblems(const Observed& o) {
  std::vector<Problem> out;
  for (const StandingBinding& b : o.standing)
    out.push_back(
        {"StandingBinding",
         fmt::format("{} {}{}{} gives {} {} to ServiceAccount {} between tasks; delete it, or take the "
                     "subject out of it",
                     b.kind, b.ns, b.ns.empty() ? "" : "/", b.name, b.role.kind, b.role.name, b.account)});
  return out;
}

}  // namespace errand::plan
