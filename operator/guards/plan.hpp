// Determines since when the guards hold that make a status trustworthy. Pure: maps observations to what is
// known and what is stored.
//
// A guard is a ValidatingAdmissionPolicy, its binding, or one of the webhook configurations. It holds if its
// spec is what this version ships and each API server rejects a forged write. Unobserved changes show in uid
// and metadata.generation, which counts the changes of a spec. A creation time only proves that an object of
// generation 1 has had its spec since then.
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

// Time from storing a policy until each API server is sure to enforce it.
inline constexpr Seconds kInForce{5};

// The policy that protects the record itself.
inline constexpr const char* kRecordGuard = "errand-guard-record";

// A guard that exists.
struct Seen {
  std::string uid;
  std::int64_t generation = 0;
  Time created;
  std::string difference;  // the field that is not what this version ships; empty: the spec is good
};

struct Entry {
  std::string uid;
  std::int64_t generation = 0;  // 0 for a webhook configuration
  bool operator==(const Entry&) const = default;
};

// The content of the ConfigMap errand-guards.
struct Record {
  Time since;
  std::map<Id, Entry> guards;
  bool doubted = false;  // a forged write was admitted: writes until that is fixed are not trusted
  bool operator==(const Record&) const = default;
};

// The result of the forged writes.
struct Probed {
  enum class Result { Unknown, Refused, Admitted };
  Result result = Result::Unknown;
  std::string policy;   // for Admitted: which policy let one pass
  std::string problem;  // for Unknown: why the API server gave no answer
};

// Each guard that this version ships; nullopt: it does not exist.
using Guards = std::map<Id, std::optional<Seen>>;

struct Observed {
  Guards guards;
  std::optional<Record> record;
  std::optional<Time> recordCreated;  // of the ConfigMap, whether or not it could be read as a record
  Probed probed;
  Millis kept{0};  // for how long this process has seen the policy of the record hold
};

// The facts to publish, and what to store. Guards are listed by name for the log and the metrics.
struct Plan {
  plan::GuardFacts facts;
  std::vector<Id> broken;       // missing, not as shipped, or a forged write passed
  std::optional<Record> store;  // to be stored before `facts` count
  bool replace = false;         // delete the existing ConfigMap first: others may have written it
};

Plan plan(const Observed& observed, Time now);

// True if `a` and `b` hold the same objects with the same specs, so that no probe is due.
bool same(const Guards& a, const Guards& b);

// True if every guard exists with the shipped spec. Otherwise a probe adds no information.
bool asShipped(const Guards& guards);

}  // namespace errand::guards
