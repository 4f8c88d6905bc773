#include "core/api/accounts.hpp"

namespace errand::api {
namespace {

constexpr size_t kUidDigits = 20;
constexpr std::string_view kAccountsGroup = "system:serviceaccounts";

}  // namespace

std::string baseAccountName(std::string_view agent, std::string_view toolClass) {
  return std::string(kBaseAccountPrefix).append(agent).append(".").append(toolClass);
}

std::string grantAccountName(std::string_view uid) {
  std::string out(kGrantAccountPrefix);
  for (const char c : uid)
    if (c != '-' && out.size() < kGrantAccountPrefix.size() + kUidDigits) out += c;
  return out;
}

bool isAgentAccount(std::string_view name) {
  return name.starts_with(kGrantAccountPrefix) || name.starts_with(kBaseAccountPrefix);
}

std::string_view agentOfBaseAccount(std::string_view name) {
  if (!name.starts_with(kBaseAccountPrefix)) return {};
  name.remove_prefix(kBaseAccountPrefix.size());
  return name.substr(0, name.find('.'));
}

bool isGrantAccount(std::string_view name) {
  if (!name.starts_with(kGrantAccountPrefix)) return false;
  name.remove_prefix(kGrantAccountPrefix.size());
  return name.size() == kUidDigits && name.find_first_not_of("0123456789abcdef") == name.npos;
}

std::string_view accountOfObject(std::string_view name) {
  return name.substr(0, kGrantAccountPrefix.size() + kUidDigits);
}

std::optional<Account> accountOfUser(std::string_view user) {
  if (!user.starts_with(kAccountUserPrefix)) return std::nullopt;
  user.remove_prefix(kAccountUserPrefix.size());
  const size_t colon = user.find(':');
  if (colon == user.npos) return std::nullopt;
  return Account{user.substr(0, colon), user.substr(colon + 1)};
}

std::optional<std::string_view> namespaceOfGroup(std::string_view group) {
  if (group == "system:authenticated" || group == kAccountsGroup) return "";
  if (!group.starts_with(kAccountsGroup)) return std::nullopt;
  group.remove_prefix(kAccountsGroup.size());
  return group.starts_with(':') ? std::optional(group.substr(1)) : std::nullopt;
}

}  // namespace errand::api
