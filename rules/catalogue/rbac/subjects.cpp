#include "rules/catalogue/rbac/subjects.hpp"

#include "core/api/accounts.hpp"

namespace errand::rules {

std::string_view namespaceOf(const Subject& subject) {
  if (subject.kind == "ServiceAccount") return subject.ns;
  for (const std::string_view prefix : {"system:serviceaccount:", "system:serviceaccounts:"})
    if (subject.name.starts_with(prefix)) {
      const std::string_view rest = std::string_view(subject.name).substr(prefix.size());
      return rest.substr(0, rest.find(':'));
    }
  return {};
}

bool isAgent(const Subject& subject, std::string_view ns) {
  const auto here = [&](std::string_view other) { return ns.empty() || other.empty() || ns == other; };
  if (subject.kind == "ServiceAccount") return api::isAgentAccount(subject.name) && here(subject.ns);
  if (subject.kind == "User") {
    const auto account = api::accountOfUser(subject.name);
    return account && here(account->ns) && api::isAgentAccount(account->name);
  }
  if (subject.kind != "Group") return false;
  const auto group = api::namespaceOfGroup(subject.name);
  return group && here(*group);
}

}  // namespace errand::rules
