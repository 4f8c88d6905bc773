// When the rules look at a pod or an object.
#pragma once

#include <cstdint>
#include <initializer_list>

namespace errand::rules {

enum class Stage : std::uint8_t {
  // A pod at its admission, as the webhook has completed it.
  AtCreation,
  // The ephemeral containers that an update adds to a pod.
  EphemeralAdded,
  // The labels, annotations and other strings that an update adds to a pod.
  StringsAdded,
  // At admission, as its author wrote it: an object, its pod template, or a pod that the webhook leaves
  // alone.
  Written,
  // In a file, likewise. The pod template of a workload that exists is checked as one in a file.
  InFile,
  // An object or a pod that exists in a cluster.
  Existing,
  // Requests that handlers of the webhook check, and no check of the catalogue.
  IdentityWrite,
  TokenRequest,
};

class Stages {
 public:
  constexpr Stages() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): one stage is a set of stages.
  constexpr Stages(Stage one) : bits_(1u << static_cast<unsigned>(one)) {}
  constexpr Stages(std::initializer_list<Stage> all) {
    for (const Stage one : all) bits_ |= Stages(one).bits_;
  }

  constexpr bool contains(Stage one) const { return (bits_ & Stages(one).bits_) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr bool isWithin(Stages other) const { return (bits_ & ~other.bits_) == 0; }
  constexpr Stages operator|(Stages other) const {
    other.bits_ |= bits_;
    return other;
  }
  bool operator==(const Stages&) const = default;

 private:
  unsigned bits_ = 0;
};

// All that is in a pod is checked.
inline constexpr Stages kWholePods = {Stage::AtCreation, Stage::Written, Stage::InFile, Stage::Existing};
// No webhook will change the pod any more.
inline constexpr Stages kFinalPods = {Stage::AtCreation, Stage::Existing};
// Whole pods, or the containers that are added to one.
inline constexpr Stages kPods = kWholePods | Stage::EphemeralAdded;
inline constexpr Stages kObjects = {Stage::Written, Stage::InFile, Stage::Existing};
// Stages of kubectl-errand, which report and reject nothing.
inline constexpr Stages kScans = {Stage::InFile, Stage::Existing};

}  // namespace errand::rules
