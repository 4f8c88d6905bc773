// The parts of an object that all kinds share (metav1).
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"

namespace errand::api {

using StringMap = std::map<std::string, std::string, std::less<>>;

struct OwnerReference {
  std::string apiVersion, kind, name, uid;
  bool controller = false;
  bool operator==(const OwnerReference&) const = default;
};

// metav1.ObjectMeta, with the fields that affect a decision.
struct ObjectMeta {
  std::string name, generateName, ns, uid, resourceVersion;
  std::int64_t generation = 0;
  std::optional<Time> creationTimestamp, deletionTimestamp;
  StringMap labels, annotations;
  std::vector<OwnerReference> owners;
  std::vector<std::string> finalizers;

  // Return the value; empty if the key is missing. The view is valid until the map changes.
  std::string_view label(std::string_view key) const;
  std::string_view annotation(std::string_view key) const;
  bool hasFinalizer(std::string_view name) const;
  // True if any ownerReference has this uid.
  bool ownedBy(std::string_view ownerUid) const;
  // Returns the ownerReference with `controller: true`; null if there is none.
  const OwnerReference* controller() const;

  bool operator==(const ObjectMeta&) const = default;
};

enum class ConditionStatus { False, True, Unknown };

// metav1.Condition
struct Condition {
  std::string type, reason, message;
  ConditionStatus status = ConditionStatus::Unknown;
  std::int64_t observedGeneration = 0;
  std::optional<Time> lastTransitionTime;
  bool operator==(const Condition&) const = default;
};

// Returns a pointer into `all`; null if no condition has that type. The deleted overload rejects a temporary.
const Condition* findCondition(const std::vector<Condition>& all, std::string_view type);
const Condition* findCondition(std::vector<Condition>&& all, std::string_view type) = delete;

// Adds `next`, or replaces the condition of its type. Sets lastTransitionTime to `now`, but keeps the old one
// if the status does not change.
void setCondition(std::vector<Condition>& all, Condition next, Time now);

// Returns the content of `metadata`.
nlohmann::json encode(const ObjectMeta& meta);

}  // namespace errand::api
