// The identities, grants and exemptions that stand in the files, as the rules ask for them.
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

// Whether what an object says of its status and creation is believed.
enum class Origin { File, Cluster };

class ManifestIndex {
 public:
  // Takes an AgentIdentity, TaskGrant or Exemption in; other kinds are passed over. Invalid
  // where it cannot be decoded.
  Result<void> add(std::string_view kind, std::string_view json, const std::string& ns,
                   Origin origin = Origin::File);

  // A Namespace, which says by its labels whether it takes part.
  void addNamespace(const std::string& name, const api::StringMap& labels);

  // The rules of a Role or ClusterRole, which bindings and identities name; other objects are passed over.
  void addRole(const rules::ObjectView& role, const std::string& ns);

  // Refers to this object. Nothing in files is by the operator. A namespace that was not added is known to
  // take part where it has an AgentIdentity.
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
