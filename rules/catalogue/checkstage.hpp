// The situations in which a check runs: at admission, on an update, in a file, in a cluster.
#pragma once

#include <cstdint>
#include <initializer_list>

namespace errand::rules {

// A situation in which a check runs.
enum class CheckStage : std::uint8_t {
  // A pod that is created, as the webhook has completed it.
  AtCreation,
  // The ephemeral containers that an update adds to a pod.
  EphemeralAdded,
  // The labels, annotations and other strings that an update adds to a pod.
  StringsAdded,
  // An object at admission, as its author wrote it: its fields, its pod template, or a pod that the webhook
  // does not complete.
  Written,
  // An object in a file, as its author wrote it. Also the pod template of a workload in a cluster.
  InFile,
  // An object or a pod that exists in a cluster.
  Existing,
  // A write of an AgentIdentity. A webhook handler enforces the rule (Rule::guarded), and no check
  // of it runs.
  IdentityWrite,
  // A request of a ServiceAccount token. A webhook handler enforces the rule (Rule::guarded), and no check of
  // it runs.
  TokenRequest,
};

// A set of stages.
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
  constexpr CheckStages operator|(CheckStages other) const {
    other.bits_ |= bits_;
    return other;
  }
  bool operator==(const CheckStages&) const = default;

 private:
  unsigned bits_ = 0;
};

// The stages at which every part of a pod is checked.
inline constexpr CheckStages kWholePodStages = {CheckStage::AtCreation, CheckStage::Written,
                                                CheckStage::InFile, CheckStage::Existing};
// The stages at which no webhook changes the pod afterwards.
inline constexpr CheckStages kFinalPodStages = {CheckStage::AtCreation, CheckStage::Existing};
// The stages at which a whole pod is checked, or the containers that are added to one.
inline constexpr CheckStages kPodStages = kWholePodStages | CheckStage::EphemeralAdded;
inline constexpr CheckStages kObjectStages = {CheckStage::Written, CheckStage::InFile, CheckStage::Existing};
// The stages of kubectl-errand, which reports findings and rejects nothing.
inline constexpr CheckStages kScanStages = {CheckStage::InFile, CheckStage::Existing};

}  // namespace errand::rules
