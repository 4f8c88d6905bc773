// The state that the rules read: identities, grants, exemptions, modes of namespaces, rules of roles.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "core/base/result.hpp"
#include "rules/view/objectview.hpp"
#include "rules/views.hpp"

namespace errand::cli {

// The source of an object. Status and creation time are only trusted from a cluster.
enum class Origin { File, Cluster };

class ManifestIndex {
 public:
  // Adds an AgentIdentity, TaskGrant or Exemption; ignores other kinds. Fails with Invalid if it cannot be
  // decoded.
  Result<void> add(std::string_view kind, std::string_view json, const std::string& ns,
                   Origin origin = Origin::File);

  // Adds a Namespace; its labels determine the mode of the rules there.
  void addNamespace(const std::string& name, const api::StringMap& labels);

  // Adds the rules of a Role or ClusterRole, which bindings and identities name. Ignores other objects.
  void addRole(const rules::ObjectView& role, const std::string& ns);

  // The result refers to this object. The rules treat no object in files as written by the operator. A
  // namespace that was not added counts as enforced if it has an AgentIdentity.
  rules::Views views() const;

 private:
  using Key = std::pair<std::string, std::string>;
  template <class T>
  using All = std::map<Key, std::shared_ptr<const T>, std::less<>>;

  All<api::AgentIdentity> identities_;
  All<api::TaskGrant> grants_;
  All<api::Exemption> exemptions_;
  std::map<std::string, rules::Mode, std::less<>> modes_;
  std::map<std::tuple<std::string, std::string, std::string>, std::vector<api::PolicyRule>> rules_;
};

}  // namespace errand::cli
