#include "operator/guards/watcher.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/log.hpp"
#include "core/base/metrics.hpp"
#include "operator/guards/record.hpp"

namespace errand::guards {
namespace {

using nlohmann::json;

constexpr Millis kRetry{2'000};
constexpr Seconds kTokenReserve{120};
constexpr const char* kConfigurationName = "errand";

// Decodes only the metadata, because a policy is large.
Result<api::PartialObject> metadataOf(const json& object) {
  return api::decode<api::PartialObject>({{"metadata", object.value("metadata", json::object())}});
}

Result<Seen> seenOf(const Id& id, const json& object, const json& shipped) {
  auto read = metadataOf(object);
  if (!read) return std::unexpected(std::move(read.error()).in(id.kind + " " + id.name));
  Seen out;
  out.uid = read->meta.uid;
  out.generation = read->meta.generation;
  out.created = read->meta.creationTimestamp.value_or(Time{});
  const auto spec = object.find(isConfiguration(id.kind) ? "webhooks" : "spec");
  out.difference =
      difference(id.kind, shipped, normalised(id.kind, spec == object.end() ? json::array() : *spec));
  return out;
}

void setGauge(const std::string& guard, bool holds) {
  metrics::gauge(
      "errand_guard_holds",
      "1 if this policy, binding or webhook configuration is as this version ships it and admits no forged "
      "write; 0 if not. For guard=\"all\": 1 if grants may start.",
      {{"guard", guard}})
      .set(holds ? 1 : 0);
}

}  // namespace

Watcher::Watcher(const kube::Client& client, std::vector<kube::Client> servers, Settings settings,
                 SharedGuardFacts& facts, std::function<void()> changed, const Clock& clock)
    : client_(client),
      servers_(std::move(servers)),
      settings_(std::move(settings)),
      facts_(facts),
      changed_(std::move(changed)),
      clock_(clock),
      shipped_(std::make_unique<const Specs>(shipped(settings_.ns, settings_.webhookUrl))),
      probes_(probesOf(*shipped_, settings_.ns)) {}

Watcher::~Watcher() = default;

void Watcher::run(const std::stop_token& stop, const kube::Pause& pause) {
  memory_ = {};
  publish(nothingKnown());
  kube::repeat([this] { return step(); }, kRetry, "guards not watched, trying again", stop, pause);
}

Result<Millis> Watcher::step() {
  auto next = look();
  if (!next) {
    // Keeps `since`, so that started grants continue. Only a start requires that the guards are
    // known to hold.
    plan::GuardFacts facts = *facts_.access();
    facts.hold = false;
    facts.problem = "whether the admission policies hold is not known: " + next.error().message;
    publish(facts);
  }
  return next;
}

Result<Millis> Watcher::look() {
  Observed observed;
  auto guards = read();
  if (!guards) return std::unexpected(std::move(guards.error()));
  observed.guards = std::move(*guards);
  std::string recordUid;
  if (auto done = readRecord(observed, recordUid); !done) return std::unexpected(std::move(done.error()));
  observed.probed = probeIfDue(observed.guards);
  observed.kept = kept(observed.guards);

  const Time now = clock_.now();
  const Plan next = plan(observed, now);
  measure(observed.guards, next);
  if (next.store) {
    const bool moved = observed.record && observed.record->since != next.store->since;
    if (moved)
      log::warn("guards did not hold for a while, grants from before are not believed",
                {{"since", formatTime(next.store->since)}, {"before", formatTime(observed.record->since)}});
    if (auto done = store(next, recordUid); !done) return std::unexpected(std::move(done.error()));
  }
  publish(next.facts);

  Millis wait = next.facts.hold ? settings_.look : settings_.lookForRepair;
  if (next.facts.since && *next.facts.since > now) {
    memory_.toCome = next.facts.since;
    wait = std::min(wait, std::chrono::duration_cast<Millis>(*next.facts.since - now));
  } else if (memory_.toCome) {
    memory_.toCome.reset();
    changed_();
  }
  return wait;
}

Result<Guards> Watcher::read() const {
  Guards out;
  for (const auto& [id, spec] : *shipped_) out.emplace(id, std::nullopt);
  const auto note = [&](std::string_view kind, const json& object) -> Result<void> {
    const auto meta = object.find("metadata");
    const Id id{std::string(kind), meta == object.end() ? "" : meta->value("name", "")};
    const auto spec = shipped_->find(id);
    if (spec == shipped_->end()) return {};
    auto seen = seenOf(id, object, spec->second);
    if (!seen) return std::unexpected(std::move(seen.error()));
    out[id] = std::move(*seen);
    return {};
  };
  for (const api::Resource& resource : {api::kAdmissionPolicies, api::kAdmissionBindings}) {
    const auto list = client_.list(resource);
    if (!list) return std::unexpected(list.error());
    for (const json& object : (*list)["items"])
      if (auto done = note(resource.kind, object); !done) return std::unexpected(std::move(done.error()));
  }
  for (const api::Resource& resource : {api::kMutatingWebhooks, api::kValidatingWebhooks}) {
    const auto object = client_.get(resource, "", kConfigurationName);
    if (!object && object.error().kind == ErrorKind::NotFound) continue;
    if (!object) return std::unexpected(object.error());
    if (auto done = note(resource.kind, *object); !done) return std::unexpected(std::move(done.error()));
  }
  return out;
}

Result<void> Watcher::readRecord(Observed& observed, std::string& uid) const {
  const auto object = client_.get(api::kConfigMaps, settings_.ns, kRecordName);
  if (!object && object.error().kind == ErrorKind::NotFound) return {};
  if (!object) return std::unexpected(object.error());
  const auto meta = metadataOf(*object);
  if (!meta) return std::unexpected(meta.error());
  uid = meta->meta.uid;
  observed.recordCreated = meta->meta.creationTimestamp.value_or(Time{});
  // A record that cannot be read counts as a gap: plan() then restarts `since`.
  if (auto record = decodeRecord(*object)) observed.record = std::move(*record);
  return {};
}

ProbeResult Watcher::probeIfDue(const Guards& guards) {
  if (!asShipped(guards)) {
    memory_.probed = {};
    return {};
  }
  const Moment now = clock_.monotonic();
  const bool refused = memory_.probed.result == ProbeResult::Result::Refused;
  if (refused && sameIdentities(memory_.probedGuards, guards) &&
      now - memory_.probedAt < settings_.probeEvery)
    return memory_.probed;
  const auto as = token();
  memory_.probed =
      as ? probe(probes_, servers_, **as) : ProbeResult{ProbeResult::Result::Unknown, {}, as.error().message};
  memory_.probedAt = now;
  memory_.probedGuards = guards;
  return memory_.probed;
}

Result<const Sensitive*> Watcher::token() {
  if (!memory_.token || memory_.token->expiresAt - clock_.now() < kTokenReserve) {
    auto issued = client_.requestToken(settings_.ns, kProbeAccount, {});
    if (!issued) return std::unexpected(std::move(issued.error()));
    memory_.token = std::move(*issued);
  }
  return &memory_.token->token;
}

Millis Watcher::kept(const Guards& guards) {
  Guards keepers;
  for (const std::string_view kind : {kPolicy, kBinding})
    if (const auto it = guards.find(Id{std::string(kind), kRecordGuard}); it != guards.end())
      keepers.insert(*it);
  const Moment now = clock_.monotonic();
  if (!asShipped(keepers)) {
    memory_.keptFrom.reset();
  } else if (!memory_.keptFrom || !sameIdentities(memory_.keptGuards, keepers)) {
    memory_.keptFrom = now;
  }
  memory_.keptGuards = std::move(keepers);
  return memory_.keptFrom ? std::chrono::duration_cast<Millis>(now - *memory_.keptFrom) : Millis{0};
}

Result<void> Watcher::store(const Plan& next, const std::string& uid) const {
  if (next.replace) {
    auto done = client_.remove(api::kConfigMaps, settings_.ns, kRecordName, uid);
    if (!done && done.error().kind != ErrorKind::NotFound) return done;
  }
  auto done = client_.apply(api::kConfigMaps, settings_.ns, kRecordName, encode(*next.store, settings_.ns));
  if (!done) return std::unexpected(std::move(done.error()));
  return {};
}

void Watcher::publish(const plan::GuardFacts& facts) {
  {
    const auto current = facts_.access();
    if (*current == facts) return;
    *current = facts;
  }
  setGauge("all", facts.hold);
  const std::string since = facts.since ? formatTime(*facts.since) : "";
  if (facts.hold)
    log::info("guards hold", {{"since", since}});
  else
    log::warn("guards do not hold, no grant starts", {{"problem", facts.problem}, {"since", since}});
  changed_();
}

void Watcher::measure(const Guards& guards, const Plan& next) {
  for (const auto& [id, seen] : guards)
    setGauge(id.kind + "/" + id.name, std::ranges::find(next.broken, id) == next.broken.end());
}

}  // namespace errand::guards
