#include "operator/plan/checks/standing.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/api/accounts.hpp"
#include "core/policy/dangerous.hpp"

namespace errand::plan {
namespace {

std::optional<std::string> keyOf(const api::Subject& s) {
  if (s.kind == "ServiceAccount" && api::isAgentAccount(s.name)) return keyOfAccount(s.ns, s.name);
  if (s.kind == "User")
    if (const auto account = api::accountOfUser(s.name); account && api::isAgentAccount(account->name))
      return keyOfAccount(account->ns, account->name);
  if (s.kind == "Group")
    if (const auto ns = api::namespaceOfGroup(s.name)) return keyOfAccount(*ns, "");
  return std::nullopt;
}

}  // namespace

std::vector<std::string> standingKeys(const api::RoleBinding& binding,
                                      const std::vector<std::string>& ignored) {
  std::vector<std::string> out;
  if (binding.role.kind == "ClusterRole" && (policy::isForEverybody(binding.role.name) ||
                                             std::ranges::find(ignored, binding.role.name) != ignored.end()))
    return out;
  for (const api::Subject& s : binding.subjects)
    if (auto key = keyOf(s); key && std::ranges::find(out, *key) == out.end()) out.push_back(std::move(*key));
  return out;
}

std::string keyOfAccount(std::string_view ns, std::string_view account) {
  return fmt::format("{}/{}", ns, account);
}

std::vector<std::string> keysOfGroups(std::string_view ns) {
  return {keyOfAccount(ns, ""), keyOfAccount("", "")};
}

std::vector<Problem> standingProblems(const Observed& o) {
  std::vector<Problem> out;
  for (const StandingBinding& b : o.standing)
    out.push_back(
        {Reason::StandingBinding,
         fmt::format("{} {}{}{} gives {} {} to ServiceAccount {} between tasks; delete it, or take the "
                     "subject out of it",
                     b.kind, b.ns, b.ns.empty() ? "" : "/", b.name, b.role.kind, b.role.name, b.account)});
  return out;
}

}  // namespace errand::plan
