// The names of the ServiceAccounts that Errand creates:
// - errand-a.<agent>.<tool class> between tasks
// - errand-g.<the first 20 hexadecimal digits of the grant's uid> for one grant
//
// Returned views are parts of the argument.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace errand::api {

inline constexpr std::string_view kBaseAccountPrefix = "errand-a.";
inline constexpr std::string_view kGrantAccountPrefix = "errand-g.";
// The prefix of a ServiceAccount's user name. The namespace, a colon and the account's name follow
// (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#service-account-tokens).
inline constexpr std::string_view kAccountUserPrefix = "system:serviceaccount:";

// Returns the name of the account between tasks.
std::string baseAccountName(std::string_view agent, std::string_view toolClass);
// Returns the name of the grant's account. The grant's other objects are named `<account>.<digest>`.
std::string grantAccountName(std::string_view uid);

// True if the name has the prefix of an agent's account, between tasks or for one grant.
bool isAgentAccount(std::string_view name);
// Returns the agent in the name of an account between tasks; empty for any other name. Agents' names have no
// dot.
std::string_view agentOfBaseAccount(std::string_view name);
// True if the name has exactly the form that grantAccountName() returns.
bool isGrantAccount(std::string_view name);

// Returns the account in the name of a grant's object, `<account>` or `<account>.<digest>`. Not checked.
std::string_view accountOfObject(std::string_view name);

// A ServiceAccount by namespace and name.
struct Account {
  std::string_view ns, name;  // views of the user name
};
// Returns the account of a user name; nullopt if the user is no ServiceAccount.
std::optional<Account> accountOfUser(std::string_view user);

// Returns the namespace whose ServiceAccounts the group contains. Returns an empty name for a group with
// those of all namespaces (system:serviceaccounts, system:authenticated), and nullopt for any other group.
std::optional<std::string_view> namespaceOfGroup(std::string_view group);

}  // namespace errand::api
