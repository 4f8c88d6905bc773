// The identities and grants that stand in the files, as the rules ask for them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "webhook/views.hpp"

namespace errand::cli {

class World {
 public:
  // Takes an AgentIdentity or TaskGrant in; other kinds are passed over. Invalid
  // where it cannot be decoded.
  Result<void> add(std::string_view kind, std::string_view json, const std::string& ns);

  // Refers to this object. Nothing in files is by the operator.
  webhook::Views views() const;

 private:
  using Key = std::pair<std::string, std::string>;
  template <class T>
  using All = std::map<Key, std::shared_ptr<const T>, std::less<>>;

  All<api::AgentIdentity> identities_;
  All<api::TaskGrant> grants_;
};

}  // namespace errand::cli
