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

  // By the reader's own clock. One without an end, or with one more than 90 days after its
  // creation (of which a file knows nothing: from now), counts for nothing.
  bool isInForce(Time now) const;
  bool operator==(const Exemption&) const = default;
};

template <>
Result<Exemption> decode(const nlohmann::json& value);
nlohmann::json encode(const Exemption& exemption);

}  // namespace errand::api
