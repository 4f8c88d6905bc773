// Exemption (crds/errand.dev_exemptions.yaml): these rules do not apply to these
// objects of its namespace until then.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/agentidentity.hpp"
#include "core/api/codec.hpp"
#include "core/api/meta.hpp"

namespace errand::api {

struct Exemption {
  struct Object {
    std::string kind, name;
    bool operator==(const Object&) const = default;
  };

  ObjectMeta meta;
  std::string owner, reason;
  std::vector<std::string> rules;            // their ids
  std::optional<LabelSelector> podSelector;  // none: no pod
  std::vector<Object> objects;
  std::vector<std::string> secrets;  // which ones, for SC106
  std::optional<Time> expiresAt;

  // True if the exemption applies at `now`, the reader's own clock. It must have an end, at most 90
  // days after its creation. A file has no creation time: there the 90 days count from now.
  bool isInForce(Time now) const;
  bool operator==(const Exemption&) const = default;
};

nlohmann::json encode(const Exemption& exemption);

}  // namespace errand::api
