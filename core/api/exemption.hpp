// Exemption (crds/errand.dev_exemptions.yaml): for a limited time, the listed rules do not apply to the
// selected objects of its namespace.
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
  std::vector<std::string> rules;            // rule ids
  std::optional<LabelSelector> podSelector;  // nullopt selects no pod
  std::vector<Object> objects;
  std::vector<std::string> secrets;  // names of Secrets, for SC106
  std::optional<Time> expiresAt;

  // True if `now` is before expiresAt, and expiresAt is at most 90 days after the creation. An exemption in a
  // file has no creation time: its 90 days count from `now`.
  bool isInForce(Time now) const;
  bool operator==(const Exemption&) const = default;
};

// Returns the object as JSON, with apiVersion and kind.
nlohmann::json encode(const Exemption& exemption);

}  // namespace errand::api
