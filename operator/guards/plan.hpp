// Since when the guards hold by which status is believed: pure, from what is to what is known and stored.
//
// A guard is a ValidatingAdmissionPolicy, its binding, or one of the webhook configurations. It holds where
// its spec is what this version ships and a forged write is refused at each API server. What happened while
// nobody watched is known by uid and metadata.generation, which counts the changes of a spec. Creation times
// prove nothing but that an object of generation 1 has had its spec since then.
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

// From the moment that a policy is stored until each API server is sure to obey it.
inline constexpr Seconds kInForce{5};

// The guard of the record itself.
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

// What the ConfigMap errand-guards holds.
struct Record {
  Time since;
  std::map<Id, Entry> guards;
  bool doubted = false;  // a forged write was admitted: what is written until that is mended is not believed
  bool operator==(const Record&) const = default;
};

// How the forged writes went.
struct Probed {
  enum class Result { Unknown, Refused, Admitted };
  Result result = Result::Unknown;
  std::string policy;   // for Admitted: which policy let one pass
  std::string problem;  // for Unknown: why the API server gave no answer
};

struct Observed {
  std::map<Id, std::optional<Seen>> guards;  // each that this version ships; none: there is no such object
  std::optional<Record> record;
  std::optional<Time> recordCreated;  // of the ConfigMap, whether or not it could be read as a record
  Probed probed;
  Millis kept{0};  // for how long this process has seen the policy of the record hold
};

// What this process knows meanwhile of each guard; by name for the log and the metrics.
struct Plan {
  plan::GuardFacts facts;
  std::vector<Id> broken;       // missing, not as shipped, or a forged write passed
  std::optional<Record> store;  // to be stored before `facts` count
  bool replace = false;         // the ConfigMap that is there is deleted first: others may have written it
};

Plan plan(const Observed& observed, Time now);

// Whether the guards of `a` and `b` are the same objects with the same specs, so that no probe is due.
bool same(const std::map<Id, std::optional<Seen>>& a, const std::map<Id, std::optional<Seen>>& b);

// Whether all of them are there with good specs: before, no probe says more.
bool asShipped(const std::map<Id, std::optional<Seen>>& guards);

}  // namespace errand::guards
