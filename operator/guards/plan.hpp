// Determines the time since which the guards hold that make a status trustworthy. Pure: maps observations to
// facts, and to a record to store.
//
// A guard is a ValidatingAdmissionPolicy, its binding, or a webhook configuration. It holds if its spec is
// the one that this version ships, and each API server rejects a forged write. A change between two
// observations shows in uid and metadata.generation, which counts the changes of a spec. A creation time
// proves only for an object of generation 1 that it has had its spec since then.
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

// The time after which each API server enforces a stored policy.
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
  std::int64_t generation = 0;  // 0 for a webhook configuration
  bool operator==(const Entry&) const = default;
};

// The content of the ConfigMap errand-guards.
struct Record {
  Time since;
  std::map<Id, Entry> guards;
  bool doubted = false;  // a forged write was admitted: statuses are not trusted until that is fixed
  bool operator==(const Record&) const = default;
};

// The result of the forged writes.
struct Probed {
  enum class Result { Unknown, Refused, Admitted };
  Result result = Result::Unknown;
  std::string policy;   // for Admitted: the policy that should have rejected the write
  std::string problem;  // for Unknown: why the API server gave no answer
};

// Each guard that this version ships; nullopt if it does not exist.
using Guards = std::map<Id, std::optional<Seen>>;

// The input of the plan.
struct Observed {
  Guards guards;
  std::optional<Record> record;
  std::optional<Time> recordCreated;  // of the ConfigMap, even if it is no valid record
  Probed probed;
  Millis kept{0};  // how long this process has seen the policy of the record hold
};

// The facts to publish, and the record to store. Guards are listed by name for the log and the metrics.
struct Plan {
  plan::GuardFacts facts;
  std::vector<Id> broken;       // missing, different from the shipped one, or admitted a forged write
  std::optional<Record> store;  // must be stored before `facts` are published
  bool replace = false;  // delete the existing ConfigMap first, because another user may have written it
};

// Returns the facts to publish, and the record to store.
Plan plan(const Observed& observed, Time now);

// True if `a` and `b` hold the same objects with the same specs, so that no probe is due.
bool same(const Guards& a, const Guards& b);

// True if every guard exists with the shipped spec. Otherwise a probe adds no information.
bool asShipped(const Guards& guards);

}  // namespace errand::guards
