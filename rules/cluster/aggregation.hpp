// Computes the rules of aggregated ClusterRoles in files, like the controller manager in a cluster
// (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "rules/view/objectview.hpp"

namespace errand::rules {

// The ClusterRoles of the files, and the built-in ones that the files do not hold. Add all roles before the
// first query.
class AggregatedRoles {
 public:
  AggregatedRoles();

  // Adds a ClusterRole. If several have one name, all count, because files may hold several versions of a
  // role.
  void add(const ObjectView& role);

  // Returns the rules that the ClusterRole `name` aggregates by these selectors, and the selectors that leave
  // rules unknown. Also follows the selectors of the aggregated roles that it selects.
  Aggregation resolve(const std::string& name, std::vector<api::LabelSelector> selectors) const;

  // A built-in role to which the files add rules.
  struct Extended {
    std::string name;
    std::vector<api::PolicyRule> rules;     // all of them
    std::vector<AggregatedRule> additions;  // those of the files
  };
  // Returns those of admin, edit and view to which the files add rules, without those that the files hold.
  std::vector<Extended> extendedBuiltIns() const;

 private:
  struct Role {
    std::string name;
    api::StringMap labels;
    std::vector<api::PolicyRule> rules;
    std::vector<api::LabelSelector> selectors;
    bool isBuiltIn = false;
    bool isReplaced = false;  // a built-in role that the files hold
  };
  using Label = std::pair<std::string, std::string>;

  void insert(Role role);
  std::vector<const Role*> selectedBy(const api::LabelSelector& selector) const;

  std::vector<Role> roles_;
  std::map<Label, std::vector<size_t>> byLabel_;  // indexes into roles_
  std::map<std::string, size_t> builtIn_;         // by name
};

}  // namespace errand::rules
