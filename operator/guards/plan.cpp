#include "operator/guards/plan.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace errand::guards {
namespace {

constexpr const char* kStatusGuard = "errand-status-tampering";

Time wholeSecond(Time t) { return std::chrono::ceil<Seconds>(t); }

Entry entryOf(const Id& id, const Seen& seen) {
  // A rotation of the caBundle raises the generation of a configuration, so that is left out.
  return {seen.uid, isConfiguration(id.kind) ? 0 : seen.generation};
}

std::string wayOut() { return "apply the manifests or the chart of this version again"; }

std::string problemOf(const Id& id, const std::optional<Seen>& seen) {
  if (!seen) return fmt::format("{} {} does not exist; {}", id.kind, id.name, wayOut());
  return fmt::format("{} {}: {} is not what this version ships; {}", id.kind, id.name, seen->difference,
                     wayOut());
}

// True if the guard has had a shipped spec without a gap since the record was stored. An upgrade to another
// version raises a policy's generation by one. A change and its reversal raise it by two. A guard that was
// deleted and created again has another uid.
bool unbroken(const Id& id, const Seen& seen, const Record& record) {
  const auto it = record.guards.find(id);
  // The record does not list a guard that this version adds or restores. No status was trusted because of it.
  // At a higher generation than 1, it has had a spec that is not known.
  if (it == record.guards.end()) return isConfiguration(id.kind) || seen.generation == 1;
  if (seen.uid != it->second.uid) return false;
  // An unobserved change of a configuration looks like a rotation of its caBundle. That is accepted, because
  // trust in a status depends on the policies.
  if (isConfiguration(id.kind)) return true;
  return seen.generation == it->second.generation || seen.generation == it->second.generation + 1;
}

const Seen* find(const Observed& observed, std::string_view kind, const char* name) {
  const auto it = observed.guards.find(Id{std::string(kind), name});
  return it == observed.guards.end() || !it->second ? nullptr : &*it->second;
}

// Returns `since` for the first record of an installation. If the status guard is unchanged since its
// creation, it has held since then.
Time firstSince(const Observed& observed, Time now) {
  Time latest{};
  for (const std::string_view kind : {kPolicy, kBinding}) {
    const Seen* seen = find(observed, kind, kStatusGuard);
    if (seen == nullptr || seen->generation != 1) return now + kInForce;
    latest = std::max(latest, seen->created);
  }
  return latest + kInForce;
}

// True if another user may have written the ConfigMap, because it was created before the policy that protects
// it was enforced.
bool mayBeForeign(const Observed& observed) {
  if (!observed.recordCreated) return false;
  for (const std::string_view kind : {kPolicy, kBinding}) {
    const Seen* seen = find(observed, kind, kRecordGuard);
    if (seen == nullptr || *observed.recordCreated < seen->created + kInForce) return true;
  }
  return false;
}

Plan whereAForgedWritePassed(const Observed& observed, Time now, Plan out) {
  const std::string& policy = observed.probed.policy;
  out.facts.problem = fmt::format(
      "ValidatingAdmissionPolicy {} is there and admits a forged write; look for API servers that are not "
      "ready, or run without the admission plugin ValidatingAdmissionPolicy",
      policy);
  for (const auto& [id, seen] : observed.guards)
    if (id.name == policy) out.broken.push_back(id);
  // A policy that was just created is not enforced yet, so it leaves no gap. If an enforced one admits a
  // forged write, neither uid nor generation shows the gap, so the record must.
  const auto wasInForce = [&] {
    if (!observed.record) return policy == kStatusGuard && firstSince(observed, now) <= now;
    return observed.record->guards.contains(Id{std::string(kPolicy), policy});
  };
  if (!mayBeForeign(observed) && wasInForce() && !(observed.record && observed.record->doubted)) {
    out.store = observed.record.value_or(Record{wholeSecond(now + kInForce), {}, true});
    out.store->doubted = true;
  }
  return out;
}

}  // namespace

bool asShipped(const Guards& guards) {
  return std::ranges::all_of(guards,
                             [](const auto& one) { return one.second && one.second->difference.empty(); });
}

bool sameIdentities(const Guards& a, const Guards& b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
    if (x.first != y.first || x.second.has_value() != y.second.has_value()) return false;
    return !x.second || entryOf(x.first, *x.second) == entryOf(y.first, *y.second);
  });
}

Plan plan(const Observed& observed, Time now) {
  const bool foreign = mayBeForeign(observed);
  Plan out;
  out.facts.hold = false;
  if (observed.record && !foreign) out.facts.since = observed.record->since;
  for (const auto& [id, seen] : observed.guards) {
    if (seen && seen->difference.empty()) continue;
    if (out.broken.empty()) out.facts.problem = problemOf(id, seen);
    out.broken.push_back(id);
  }
  if (!out.broken.empty()) return out;
  if (observed.probed.result == ProbeResult::Result::Admitted)
    return whereAForgedWritePassed(observed, now, out);
  if (observed.probed.result == ProbeResult::Result::Unknown) {
    out.facts.problem = "whether the policies refuse forged writes is not known: " + observed.probed.problem;
    return out;
  }
  // mayBeForeign() compares two times of the API server, which have whole seconds. So this waits a second
  // more before the first record is written.
  if ((!observed.recordCreated || foreign) && observed.kept < kInForce + Seconds{1}) {
    out.facts.problem = "the policy errand-guard-record is about to be in force; wait some seconds";
    return out;
  }

  Record next;
  for (const auto& [id, seen] : observed.guards) next.guards.emplace(id, entryOf(id, *seen));
  const auto& record = observed.record;
  if (!observed.recordCreated) {
    next.since = firstSince(observed, now);
  } else if (!record || foreign || record->doubted ||
             !std::ranges::all_of(observed.guards, [&](const auto& one) {
               return unbroken(one.first, *one.second, *record);
             })) {
    next.since = now + kInForce;
  } else {
    next.since = record->since;
  }
  next.since = wholeSecond(next.since);
  out.facts = {true, next.since, {}};
  out.replace = foreign;
  if (foreign || record != next) out.store = std::move(next);
  return out;
}

}  // namespace errand::guards
