#include "rules/catalogue/rbac/subjects.hpp"

#include <string>

#include "rules/catalogue/agentofpod.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kAccountUser = "system:serviceaccount:";
constexpr std::string_view kAccountGroup = "system:serviceaccounts";

}  // namespace

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
  if (subject.kind == "ServiceAccount") return isAgentAccount(subject.name) && here(subject.ns);
  if (subject.kind == "User") {
    if (!subject.name.starts_with(kAccountUser)) return false;
    const std::string_view rest = std::string_view(subject.name).substr(kAccountUser.size());
    const size_t colon = rest.find(':');
    return colon != std::string_view::npos && here(rest.substr(0, colon)) &&
           isAgentAccount(rest.substr(colon + 1));
  }
  if (subject.kind != "Group") return false;
  if (subject.name == "system:authenticated" || subject.name == kAccountGroup) return true;
  return subject.name.starts_with(kAccountGroup) && subject.name[kAccountGroup.size()] == ':' &&
         here(std::string_view(subject.name).substr(kAccountGroup.size() + 1));
}

}  // namespace errand::rules
