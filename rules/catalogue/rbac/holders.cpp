#include "rules/catalogue/rbac/holders.hpp"

namespace errand::rules {

std::string pathOf(const UnknownRules& unknown, const ObjectView& role) {
  constexpr std::string_view kRule = "/aggregationRule";
  const bool isOwn = unknown.role == role.name && unknown.selector < role.aggregation->selectors.size();
  return isOwn ? fmt::format("{}/clusterRoleSelectors/{}", kRule, unknown.selector) : std::string(kRule);
}

std::string inWords(const AggregatedRule& taken) {
  return taken.index ? fmt::format("rules[{}] of ClusterRole {}", *taken.index, inQuotes(taken.from))
                     : fmt::format("a rule of ClusterRole {}", inQuotes(taken.from));
}

std::string inWords(const UnknownRules& unknown, const ObjectView& role) {
  std::string selector = fmt::format("aggregationRule.clusterRoleSelectors[{}]", unknown.selector);
  if (unknown.role != role.name) selector += fmt::format(" of ClusterRole {}", inQuotes(unknown.role));
  return unknown.isOpen ? fmt::format("{} requires no label, and may select any ClusterRole", selector)
                        : fmt::format("{} selects no ClusterRole of the input", selector);
}

}  // namespace errand::rules
