// The names of the ServiceAccounts that Errand makes: errand-a.<agent>.<tool class> between tasks, and
// errand-g.<20 hexadecimal digits of the grant's uid> for one grant.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace errand::api {

inline constexpr std::string_view kBaseAccountPrefix = "errand-a.";
inline constexpr std::string_view kGrantAccountPrefix = "errand-g.";
// The user name of a ServiceAccount is this, its namespace, a colon and its name
// (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#service-account-tokens).
inline constexpr std::string_view kAccountUserPrefix = "system:serviceaccount:";

std::string baseAccountName(std::string_view agent, std::string_view toolClass);
// Also the prefix of the grant's other objects: `<account>.<digest>`.
std::string grantAccountName(std::string_view uid);

// True for the name of an agent's account, between tasks or for one.
bool isAgentAccount(std::string_view name);
// Returns the agent of a base account's name; empty for any other name. No agent's name has a dot.
std::string_view agentOfBaseAccount(std::string_view name);
// True for exactly the form that grantAccountName() makes.
bool isGrantAccount(std::string_view name);

// Returns the account in the name of an object of a grant, `<account>` or `<account>.<digest>`.
std::string_view accountOfObject(std::string_view name);

struct Account {
  std::string_view ns, name;  // views of the user name
};
// Returns the account of a user name; nullopt if it is no ServiceAccount's.
std::optional<Account> accountOfUser(std::string_view user);

// Returns the namespace whose accounts the group holds, empty for a group that holds those of all namespaces;
// nullopt for any other group.
std::optional<std::string_view> namespaceOfGroup(std::string_view group);

}  // namespace errand::api
