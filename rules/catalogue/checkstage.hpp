// When the rules look at a pod or an object.
#pragma once

#include <cstdint>
#include <initializer_list>

namespace errand::rules {

enum class CheckStage : std::uint8_t {
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

class CheckStages {
 public:
  constexpr CheckStages() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): one stage is a set of stages.
  constexpr CheckStages(CheckStage one) : bits_(1u << static_cast<unsigned>(one)) {}
  constexpr CheckStages(std::initializer_list<CheckStage> all) {
    for (const CheckStage one : all) bits_ |= CheckStages(one).bits_;
  }

  constexpr bool contains(CheckStage one) const { return (bits_ & CheckStages(one).bits_) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr bool isWithin(CheckStages other) const { return (bits_ & ~other.bits_) == 0; }
  constexpr Stages operator|(CheckStages other) const {
    other.bits_ |= bits_;
    return other;
  }
  bool operator==(const CheckStages&) const = default;

 private:
  unsigned bits_ = 0;
};

// All that is in a pod is checked.
inline constexpr CheckStages kWholePodStages = {CheckStage::AtCreation, CheckStage::Written,
                                                CheckStage::InFile, CheckStage::Existing};
// No webhook will change the pod any more.
inline constexpr CheckStages kFinalPodStages = {CheckStage::AtCreation, CheckStage::Existing};
// Whole pods, or the containers that are added to one.
inline constexpr CheckStages kPodStages = kWholePodStages | CheckStage::EphemeralAdded;
inline constexpr CheckStages kObjectStages = {CheckStage::Written, CheckStage::InFile, CheckStage::Existing};
// The stages of kubectl-errand, which report and reject nothing.
inline constexpr CheckStages kScanStages = {CheckStage::InFile, CheckStage::Existing};

}  // namespace errand::rules
