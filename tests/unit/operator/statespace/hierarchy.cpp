// Builds a Hierarchy from a State, and reads the State back.
#include "tests/unit/operator/statespace/hierarchy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "operator/plan/checks/derived.hpp"
#include "operator/plan/lifecycle/owned.hpp"
#include "tests/unit/operator/anybody.hpp"

namespace errand::statespace {
namespace {

const Time kBegin{Seconds{1'790'000'000}};

std::uint32_t ticks(Millis time, std::uint32_t most) {
  const auto whole = std::max<std::int64_t>(0, time / Millis{kTick});
  return static_cast<std::uint32_t>(std::min<std::int64_t>(whole, most));
}

api::Credential token(Time issued) {
  return {"api", "5f0c9d2e-0000-4000-8000-000000000001", issued, issued + kTokenLife};
}

}  // namespace

Hierarchy::Hierarchy(const Setting& setting) : setting_(setting), now_(kBegin) {
  auto identity = std::make_shared<api::AgentIdentity>();
  identity->meta.name = "bot";
  identity->meta.ns = "agents";
  identity->meta.uid = "identity";
  api::ToolClass c;
  c.name = "fixer";
  c.risk = api::Risk::High;
  c.access.roles = {{"reader"}};
  c.maxDuration = Seconds{3600};
  c.maxActiveGrants = kGrants;
  c.slotSecretName = "errand-slot";
  identity->toolClasses = {c};
  identity_ = std::move(identity);
  settings_.maxTokenLife = kTokenLife;
  settings_.keepRecords = Seconds{0};
  settings_.maxRequestAge = settings_.requesterRecheck = Seconds{30 * 24 * 3600};
}

Hierarchy::Hierarchy(const Setting& setting, const State& state) : Hierarchy(setting) {
  workload_ = state.workload == 1;
  danger_ = state.danger == 1;
  rules_ = workloadsMade_ = enforcements_ = 1;
  for (int i = 0; i < kGrants; ++i)
    if (state.members[at(i)].there == 1) revive(i, state.members[at(i)]);
}

void Hierarchy::create(int i) {
  Kin& m = kin_[at(i)];
  api::TaskGrant g;
  g.meta.name = name(i);
  g.meta.ns = "agents";
  g.meta.uid = uid(i, m.made++);
  g.meta.generation = 1;
  g.meta.creationTimestamp = now_;
  g.spec.agentIdentity = "bot";
  g.spec.toolClass = "fixer";
  g.spec.task.risk = api::Risk::High;
  g.spec.workload = {api::WorkloadKind::Job, "fix"};
  g.spec.access.roles = {"reader"};
  g.spec.window.duration = setting_.ticks[at(i)] * kTick;
  g.spec.ttlSecondsAfterFinished = 0;
  if (i == setting_.slot) g.spec.delivery = api::DeliveryMode::Slot;
  if (setting_.under[at(i)] >= 0)
    g.spec.parent = {name(setting_.under[at(i)]), api::ParentRelation::Delegation};
  m.grant = std::move(g);
  m.proof = {};
}

void Hierarchy::setSlot(int i, const api::ObjectMeta& meta, Time issued) {
  api::PartialObject secret{meta};
  secret.meta.uid = "slot";
  const api::Credential c = token(issued);
  secret.meta.annotations[std::string(api::kCredentialsAnnotation)] =
      fmt::format(R"([{{"audience":"{}","credentialID":"{}","issuedAt":"{}","expiresAt":"{}"}}])", c.audience,
                  c.credentialId, formatTime(*c.issuedAt), formatTime(*c.expiresAt));
  kin_[at(i)].slot = std::move(secret);
}

void Hierarchy::revive(int i, const Member& from) {
  create(i);
  Kin& m = kin_[at(i)];
  api::TaskGrant& g = *m.grant;
  api::TaskGrantStatus& s = g.status;
  g.meta.creationTimestamp = now_ - 100 * kTick;
  if (from.finalizer == 1) g.meta.finalizers = {std::string(api::kFinalizer)};
  if (from.deleting == 1) g.meta.deletionTimestamp = now_;
  if (from.revoked == 1) g.spec.revokeReason = "x";
  constexpr api::Phase phases[] = {api::Phase::Pending, api::Phase::Active, api::Phase::Revoked};
  s.phase = phases[from.stage];
  // The state does not record when a grant ended if its end left nothing to prove.
  const Time started = now_ - from.age * kTick, ended = now_ - (kTicksToExpiry - from.toExpiry) * kTick;
  if (from.started == 1) {
    s.startedAt = started;
    s.workload.uid = fmt::format("job{}", from.sameWorkload);
    s.effective = scopeOf(from.sameScope == 1 ? rules_ : rules_ - 1);
    if (i == setting_.slot) s.secretName = "errand-slot";
  }
  if (from.accepted == 1) {
    s.serviceAccount = {api::grantAccountName(g.meta.uid), "own"};
    s.identityUid = "identity";
    s.enforcedSince = enforcedSince(from.sameEnforcement == 1 ? enforcements_ : enforcements_ - 1);
  }
  if (const int up = setting_.under[at(i)]; up >= 0 && (from.accepted == 1 || from.sameParent == 1))
    s.parentUid = from.sameParent == 1 ? uid(up, 0) : "another";
  if (from.stage == std::to_underlying(Stage::Over)) s.endedAt = ended;
  if (from.requested == 1) s.revocation.requestedAt = ended;
  if (from.confirmed == 1) s.revocation.confirmedAt = now_;
  if (from.requested == 1 && i == setting_.slot) s.credentials = {token(ended)};
  if (from.account > 0) {
    m.account = api::ServiceAccount{plan::ownedMeta(g, api::grantAccountName(g.meta.uid)), false};
    m.account->meta.uid = from.account == std::to_underlying(Account::Own) ? "own" : "foreign";
  }
  if (from.binding == 1) {
    plan::Plan made;
    plan::Observed o = observe(i);
    o.bindings.clear();
    plan::addBindings(made, o);
    m.binding = std::get<plan::CreateBinding>(made.grant.front()).binding;
    m.binding->meta.uid = "binding";
  }
  if (from.slot > 0) setSlot(i, plan::ownedMeta(g, "errand-slot"), now_ - (from.slot - 1) * kTick);
  m.open = from.open == 1;
  m.proof.tokenHeld = from.held == 1;
  if (from.refused > 0) m.proof.refusedSince = now_ - (from.refused - 1) * kTick;
}

State Hierarchy::state() const {
  State s;
  s.workload = workload_ ? 1 : 0;
  s.danger = danger_ ? 1 : 0;
  for (int i = 0; i < kGrants; ++i)
    if (kin_[at(i)].grant) s.members[at(i)] = member(i);
  return canonical(setting_, s);
}

Member Hierarchy::member(int i) const {
  const Kin& k = kin_[at(i)];
  const api::TaskGrantStatus& status = k.grant->status;
  Member m{};
  m.there = 1;
  m.finalizer = k.grant->meta.hasFinalizer(api::kFinalizer);
  m.deleting = k.grant->meta.deletionTimestamp.has_value();
  m.revoked = k.grant->spec.revokeReason.has_value();
  const Stage stage = k.grant->terminal()                  ? Stage::Over
                      : status.phase == api::Phase::Active ? Stage::Active
                                                           : Stage::Waiting;
  m.stage = std::to_underlying(stage) & 3;
  m.accepted = !status.serviceAccount.uid.empty();
  m.started = status.startedAt.has_value();
  if (k.account)
    m.account = std::to_underlying(k.account->meta.uid == status.serviceAccount.uid ? Account::Own
                                                                                    : Account::Foreign) &
                3;
  if (status.startedAt) m.age = ticks(now_ - *status.startedAt, setting_.ticks[at(i)]) & 3;
  m.sameScope = status.effective == scopeOf(rules_);
  m.sameWorkload = status.workload.uid == fmt::format("job{}", workloadsMade_);
  m.sameEnforcement = status.enforcedSince == enforcedSince(enforcements_);
  const int up = setting_.under[at(i)];
  m.sameParent = up >= 0 && kin_[at(up)].grant && status.parentUid == kin_[at(up)].grant->meta.uid;
  m.binding = k.binding.has_value();
  if (k.slot) m.slot = (1 + ticks(now_ - *plan::slotCredentials(observe(i)).at(0).issuedAt, 2)) & 3;
  m.open = k.open;
  m.held = k.proof.tokenHeld;
  if (k.proof.refusedSince) m.refused = (1 + ticks(now_ - *k.proof.refusedSince, 1)) & 3;
  m.requested = status.revocation.requestedAt.has_value();
  m.confirmed = status.revocation.confirmedAt.has_value();
  if (status.endedAt) {
    Time last = *status.endedAt + kTokenLife;
    if (!status.credentials.empty()) last = *status.credentials.front().expiresAt;
    m.toExpiry = ticks(last + settings_.expiryLeeway - now_ + kTick - Millis{1}, kTicksToExpiry) & 3;
    if (m.requested == 0) m.toExpiry = 0;
  }
  return m;
}

}  // namespace errand::statespace
