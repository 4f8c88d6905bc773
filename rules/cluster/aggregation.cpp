#include "rules/cluster/aggregation.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

#include "rules/cluster/builtinroles.hpp"

namespace errand::rules {
namespace {

// True if the selector requires no label. It may select roles of the cluster that are in no file.
bool isOpen(const api::LabelSelector& selector) {
  return selector.matchLabels.empty() &&
         std::ranges::none_of(selector.matchExpressions, [](const auto& requirement) {
           return requirement.op == "In" || requirement.op == "Exists";
         });
}

// Returns equal texts for equal selectors.
std::string textOf(const api::LabelSelector& selector) {
  std::string out;
  for (const auto& [key, value] : selector.matchLabels) out += fmt::format("{}={}\n", key, value);
  for (const auto& requirement : selector.matchExpressions)
    out += fmt::format("{} {} {}\n", requirement.key, requirement.op, fmt::join(requirement.values, ","));
  return out;
}

struct Pending {
  std::string role;
  size_t selector;
  api::LabelSelector text;
};

}  // namespace

AggregatedRoles::AggregatedRoles() {
  for (BuiltInRole& role : builtInRoles()) {
    builtIn_.emplace(role.name, roles_.size());
    insert({.name = std::move(role.name),
            .labels = std::move(role.labels),
            .rules = std::move(role.rules),
            .selectors = std::move(role.selectors),
            .isBuiltIn = true});
  }
}

void AggregatedRoles::insert(Role role) {
  for (const auto& label : role.labels) byLabel_[label].push_back(roles_.size());
  roles_.push_back(std::move(role));
}

void AggregatedRoles::add(const ObjectView& role) {
  if (const auto it = builtIn_.find(role.name); it != builtIn_.end()) roles_[it->second].isReplaced = true;
  insert({.name = role.name,
          .labels = role.labels,
          .rules = role.rules,
          .selectors = role.aggregation ? role.aggregation->selectors : std::vector<api::LabelSelector>()});
}

std::vector<const AggregatedRoles::Role*> AggregatedRoles::selectedBy(
    const api::LabelSelector& selector) const {
  std::vector<const Role*> out;
  const auto take = [&](const Role& role) {
    if (!role.isReplaced && selector.matches(role.labels)) out.push_back(&role);
  };
  // Nearly every selector has a label. The index then avoids a walk through all roles.
  if (selector.matchLabels.empty()) {
    std::ranges::for_each(roles_, take);
  } else if (const auto it = byLabel_.find(*selector.matchLabels.begin()); it != byLabel_.end()) {
    for (const size_t index : it->second) take(roles_[index]);
  }
  return out;
}

Aggregation AggregatedRoles::resolve(const std::string& name,
                                     std::vector<api::LabelSelector> selectors) const {
  Aggregation out{.selectors = std::move(selectors)};
  std::vector<Pending> pending;
  std::set<std::string> followed;
  const auto follow = [&](const std::string& role, const std::vector<api::LabelSelector>& all) {
    for (size_t i = 0; i < all.size(); ++i)
      if (followed.insert(textOf(all[i])).second) pending.push_back({role, i, all[i]});
  };
  // The API server rejects a role without selectors, but a file may hold one.
  if (out.selectors.empty()) out.unknown.push_back({.role = name});
  follow(name, out.selectors);
  std::set<const Role*> taken;
  for (size_t next = 0; next < pending.size(); ++next) {
    const Pending current = pending[next];
    bool isEmpty = true;
    for (const Role* role : selectedBy(current.text)) {
      if (role->name == current.role) continue;
      isEmpty = false;
      if (role->name == name || !taken.insert(role).second) continue;
      for (size_t i = 0; i < role->rules.size(); ++i)
        out.rules.push_back({.from = role->name,
                             .index = role->isBuiltIn ? std::nullopt : std::optional(i),
                             .rule = role->rules[i]});
      follow(role->name, role->selectors);
    }
    const bool open = isOpen(current.text);
    if (isEmpty || open)
      out.unknown.push_back({.role = current.role, .selector = current.selector, .isOpen = open});
  }
  return out;
}

std::vector<AggregatedRoles::Extended> AggregatedRoles::extendedBuiltIns() const {
  std::vector<Extended> out;
  for (const auto& [name, index] : builtIn_) {
    const Role& role = roles_[index];
    if (role.isReplaced || role.selectors.empty()) continue;
    Extended extended{.name = name, .rules = role.rules, .additions = {}};
    for (AggregatedRule& taken : resolve(name, role.selectors).rules) {
      extended.rules.push_back(taken.rule);
      if (taken.index) extended.additions.push_back(std::move(taken));
    }
    if (!extended.additions.empty()) out.push_back(std::move(extended));
  }
  return out;
}

}  // namespace errand::rules
