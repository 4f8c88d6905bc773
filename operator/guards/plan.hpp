// Finds out since when the guards have held without a gap. A status written after that time can be trusted.
// The result depends only on the input: no I/O, clock or thread.
//
// A guard is a ValidatingAdmissionPolicy, its binding, or a webhook configuration. It holds if its spec is
// the one that this version ships, and each API server rejects a forged write. A change between two
// observations shows in the uid, or in metadata.generation, which counts the changes of a spec. If the
// generation is 1, the spec has not changed since the creation.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/time.hpp"
#include "operator/guards/spec.hpp"
#include "operator/plan/observed.hpp"

namespace errand::guards {

// The time after which each API server enforces a stored policy. An API server loads changed policies once a
// second (policyRefreshIntervalDefault in kube-apiserver); the rest is for watches that lag behind.
inline constexpr Seconds kInForce{5};

// The policy that protects the record of the guards.
inline constexpr const char* kRecordGuard = "errand-guard-record";

// A guard that exists in the cluster.
struct Seen {
  std::string uid;
  std::int64_t generation = 0;
  Time created;
  std::string difference;  // the first field that differs from what this version ships; empty if none
};

// The identity of a guard in the record.
struct Entry {
  std::string uid;
  // 0 for a webhook configuration, because a rotation of its caBundle raises it.
  std::int64_t generation = 0;
  bool operator==(const Entry&) const = default;
};

// The content of the ConfigMap errand-guards.
struct Record {
  Time since;
  std::map<Id, Entry> guards;
  bool doubted = false;  // a forged write was admitted: `since` restarts once the guards hold again
  bool operator==(const Record&) const = default;
};

// The result of the forged writes. Refused means that each API server rejected each of them.
struct ProbeResult {
  enum class Result { Unknown, Refused, Admitted };
  Result result = Result::Unknown;
  std::string policy;   // for Admitted: the policy that should have rejected the write
  std::string problem;  // for Unknown: the error that was returned instead of the policy's rejection
};

// Each guard that this version ships; nullopt if it does not exist.
using Guards = std::map<Id, std::optional<Seen>>;

// The input of the plan.
struct Observed {
  Guards guards;
  std::optional<Record> record;       // nullopt if there is none, or it cannot be read
  std::optional<Time> recordCreated;  // of the ConfigMap, even if it is no valid record
  ProbeResult probed;
  Millis kept{0};  // for how long this process has seen errand-guard-record and its binding as shipped
};

// The result of the plan.
struct Plan {
  plan::GuardFacts facts;
  std::vector<Id> broken;  // missing, different from the shipped one, or admitted a forged write; for metrics
  std::optional<Record> store;  // must be stored before `facts` are published
  bool replace = false;  // delete the existing ConfigMap first, because another user may have written it
};

// Returns the facts to publish, and the record to store. Returns no record while a guard is broken or a probe
// has no answer. Restarts `since` if a guard may have changed in between. If a forged write passed, it may
// mark the record as doubted.
Plan plan(const Observed& observed, Time now);

// True if the same guards exist in `a` and `b`, with equal uids. Also compares the generations of policies
// and bindings. Does not compare specs or Seen::difference.
bool sameIdentities(const Guards& a, const Guards& b);

// True if every guard exists with the shipped spec. True if there is none.
bool asShipped(const Guards& guards);

}  // namespace errand::guards
