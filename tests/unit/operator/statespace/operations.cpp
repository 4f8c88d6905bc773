// The steps of a Hierarchy: external changes and the actions of plan(), with the guarantees of each action.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "operator/apply/order.hpp"
#include "operator/plan/checks/derived.hpp"
#include "operator/plan/lifecycle/owned.hpp"
#include "tests/unit/operator/statespace/hierarchy.hpp"

namespace errand::statespace {
namespace {

bool gives(const plan::Action& a) {
  return std::holds_alternative<plan::CreateBinding>(a) || std::holds_alternative<plan::FillSlot>(a) ||
         std::holds_alternative<plan::LiftGate>(a);
}

}  // namespace

std::string Hierarchy::take(const Step& step) {
  const int i = step.grant;
  Kin& k = kin_[at(i)];
  switch (step.act) {
    case Act::Run:
      return run(i, std::nullopt);
    case Act::Crash:
      return run(i, step.calls);
    case Act::Refuse:
      return k.grant ? carry(i, planned(i), std::nullopt, true) : std::string();
    case Act::Create:
      create(i);
      return {};
    case Act::Revoke:
      k.grant->spec.revokeReason = "x";
      return {};
    case Act::Delete:
      if (!k.grant->meta.hasFinalizer(api::kFinalizer)) return letGo(i);
      k.grant->meta.deletionTimestamp = now_;
      return {};
    case Act::Lose:
      k.account.reset();
      return {};
    case Act::Forge:
      k.account =
          api::ServiceAccount{plan::ownedMeta(*k.grant, api::grantAccountName(k.grant->meta.uid)), false};
      k.account->meta.uid = fmt::format("forged{}", ++accountsMade_);
      return {};
    case Act::Enforce:
      ++enforcements_;
      return {};
    case Act::Rules:
    case Act::Danger:
      ++rules_;
      danger_ = step.act == Act::Danger;
      return {};
    case Act::Workload:
      workload_ = !workload_;
      if (workload_) ++workloadsMade_;
      for (Kin& each : kin_) each.open = false;
      return {};
    case Act::Tick:
      now_ += kTick;
      return {};
  }
  return {};
}

plan::Plan Hierarchy::planned(int i) const { return plan::plan(observe(i), settings_, now_); }

std::string Hierarchy::run(int i, std::optional<size_t> crashAfter) {
  if (!kin_[at(i)].grant) return {};
  return carry(i, planned(i), crashAfter);
}

std::string Hierarchy::carry(int i, const plan::Plan& p, std::optional<size_t> crashAfter, bool refused) {
  if (p.statusFirst)
    if (auto broken = store(i, *p.statusFirst); !broken.empty()) return broken;
  size_t done = 0;
  std::string broken;
  api::TaskGrantStatus status = p.status;
  apply::inOrder(p, [&](const plan::Action& action) {
    if (!broken.empty() || done++ >= crashAfter.value_or(std::numeric_limits<size_t>::max())) return false;
    if (!refused || !std::holds_alternative<plan::EndRun>(action)) broken = carry(i, action, status);
    return broken.empty();
  });
  if (!broken.empty()) return broken;
  if (!crashAfter) return store(i, status);
  for (Kin& each : kin_) each.proof = {};  // the proofs are lost with the process
  return {};
}

bool Hierarchy::hasOwnAccount(int i) const {
  const Kin& k = kin_[at(i)];
  return k.account && k.account->meta.uid == k.grant->status.serviceAccount.uid;
}

std::string Hierarchy::carry(int i, const plan::Action& action, api::TaskGrantStatus& status) {
  Kin& m = kin_[at(i)];
  if (gives(action) && !m.grant->status.startedAt)
    return fmt::format("{} was given something before its start was stored", name(i));
  if (gives(action) && danger_) return fmt::format("{} was given something with a dangerous role", name(i));
  if (gives(action) && !hasOwnAccount(i))
    return fmt::format("an account that is not that of {} was given something", name(i));
  if (gives(action) && over(setting_, state(), i))
    return fmt::format("{} was given something after its end", name(i));
  if (const auto* removal = std::get_if<plan::Delete>(&action)) return revoke(i, *removal);
  if (std::holds_alternative<plan::RemoveFinalizer>(action)) {
    if (m.grant->meta.deletionTimestamp) return letGo(i);
    m.grant->meta.finalizers.clear();
    return heldBy(i);
  }
  if (std::holds_alternative<plan::AddFinalizer>(action)) {
    m.grant->meta.finalizers = {std::string(api::kFinalizer)};
  } else if (std::holds_alternative<plan::DeleteGrant>(action)) {
    if (!m.grant->meta.hasFinalizer(api::kFinalizer)) return letGo(i);
    m.grant->meta.deletionTimestamp = now_;
  } else if (const auto* account = std::get_if<plan::CreateAccount>(&action)) {
    if (m.account) return fmt::format("{} has an account and gets another", name(i));
    m.account = account->account;
    m.account->meta.uid = status.serviceAccount.uid = fmt::format("own{}", ++accountsMade_);
  } else if (const auto* binding = std::get_if<plan::CreateBinding>(&action)) {
    if (!m.binding) m.binding = binding->binding;
    m.binding->meta.uid = "binding";
  } else if (const auto* fill = std::get_if<plan::FillSlot>(&action)) {
    if (fill->life != kTokenLife) return fmt::format("{} was minted a token of another life", name(i));
    setSlot(i, fill->meta, now_);
  } else if (std::holds_alternative<plan::LiftGate>(action)) {
    m.open = true;
  } else if (std::holds_alternative<plan::EndRun>(action)) {
    if (!m.grant->terminal())
      return fmt::format("the pod of {} was ended before its end was stored", name(i));
    if (m.binding) return fmt::format("the pod of {} was ended before its rights were gone", name(i));
    m.open = false;
  } else if (std::holds_alternative<plan::MintProbe>(action)) {
    if (!hasOwnAccount(i)) return fmt::format("a probe was minted for {} without its account", name(i));
    m.proof.tokenHeld = true;
  } else if (std::holds_alternative<plan::ReviewToken>(action)) {
    if (m.account || m.slot) return fmt::format("the token of {} is reviewed while it may be good", name(i));
    if (!m.proof.refusedSince) m.proof.refusedSince = now_;
  }
  return {};
}

std::string Hierarchy::revoke(int i, const plan::Delete& removal) {
  Kin& own = kin_[at(i)];
  if (removal.resource.kind == api::kSecrets.kind) {
    if (own.binding) return fmt::format("the Secret of {} went before its rights", name(i));
    if (removal.keepToken) own.proof.tokenHeld = true;
    own.slot.reset();
    return {};
  }
  if (removal.resource.kind == api::kServiceAccounts.kind) {
    if (own.binding || own.slot) return fmt::format("the account of {} went before the rest", name(i));
    own.account.reset();
    return {};
  }
  for (int of = 0; of < kGrants; ++of) {
    Kin& k = kin_[at(of)];
    if (!k.binding || k.binding->meta.name != removal.name) continue;
    for (int below = of + 1; below < kGrants && started(of); ++below)
      if (kin_[at(below)].grant && kin_[at(below)].binding && started(below) && isUnder(below, of))
        return fmt::format("the rights of {} went before those of {}", name(of), name(below));
    k.binding.reset();
  }
  return {};
}

// Returns the broken guarantee if the grant is released too early.
std::string Hierarchy::heldBy(int i) const {
  const Kin& k = kin_[at(i)];
  if (hasOwnAccount(i) || k.binding || k.slot)
    return fmt::format("{} was let go and left something behind", name(i));
  if (k.open) return fmt::format("{} was let go and its pod runs on", name(i));
  const auto& revocation = k.grant->status.revocation;
  if (revocation.requestedAt && !revocation.confirmedAt)
    return fmt::format("{} was let go before its end was confirmed", name(i));
  return {};
}

std::string Hierarchy::letGo(int i) {
  if (auto broken = heldBy(i); !broken.empty()) return broken;
  Kin& k = kin_[at(i)];
  k = Kin{{}, {}, {}, {}, false, {}, k.made};
  return {};
}

std::string Hierarchy::store(int i, const api::TaskGrantStatus& status) {
  Kin& k = kin_[at(i)];
  if (!k.grant) return {};
  const bool ended = k.grant->terminal(), ends = status.phase && api::isTerminal(*status.phase);
  if (ended && k.grant->status.phase != status.phase)
    return fmt::format("the final phase of {} changed", name(i));
  if (ended && k.grant->status.endedAt != status.endedAt)
    return fmt::format("the moment at which {} ended changed", name(i));
  if (!ended && ends && !founded(i, status.endedBecause))
    return fmt::format("{} ended because of {}, which is not so", name(i), status.endedBecause);
  if (!ended && ends && (k.slot || k.open) && !status.revocation.requestedAt)
    return fmt::format("{} ended, and nobody is to prove it", name(i));
  if (auto broken = unproven(i, status); !broken.empty()) return broken;
  k.grant->status = status;
  return {};
}

// Decides by the parent that the status has on record.
bool Hierarchy::isUnder(int i, int of) const {
  for (; i >= 0 && i != of; i = setting_.under[at(i)])
    if (member(i).sameParent == 0) return false;
  return i == of;
}

// True if the grant and all grants above it have started.
bool Hierarchy::started(int i) const {
  for (; i >= 0; i = setting_.under[at(i)])
    if (!kin_[at(i)].grant || !kin_[at(i)].grant->status.startedAt) return false;
  return true;
}

// Returns the broken guarantee if the status confirms a revocation without proof.
std::string Hierarchy::unproven(int i, const api::TaskGrantStatus& status) const {
  const Kin& k = kin_[at(i)];
  const auto& is = status.revocation;
  if (!is.confirmedAt || k.grant->status.revocation.confirmedAt) return {};
  if (k.account || k.binding || k.slot)
    return fmt::format("{} is said to be revoked and has something", name(i));
  Time last = *is.requestedAt + kTokenLife;
  if (!status.credentials.empty()) last = *status.credentials.front().expiresAt;
  const bool expired = now_ >= last + settings_.expiryLeeway;
  const bool refused =
      k.proof.tokenHeld && k.proof.refusedSince && now_ - *k.proof.refusedSince >= settings_.proofFor;
  if (is.confirmedBy == "TokenReview" ? refused : expired) return {};
  return fmt::format("the end of {} was confirmed by {} without proof", name(i), is.confirmedBy);
}

bool Hierarchy::founded(int i, std::string_view because) const {
  const Member m = member(i);
  const int up = setting_.under[at(i)];
  if (because == "Deleted") return m.deleting == 1;
  if (because == "RevokeRequested") return m.revoked == 1;
  if (because == "WorkloadDeleted") return m.sameWorkload == 0 || !workload_;
  if (because == "ScopeChanged") return m.sameScope == 0;
  if (because == "DangerousRole") return danger_;
  if (because == "CredentialsLost") return m.account != static_cast<std::uint32_t>(Account::Own);
  if (because == "EnforcementInterrupted") return m.sameEnforcement == 0;
  if (because == "WindowClosed") return over(setting_, state(), i);
  if (because == "ParentEnded")
    return up >= 0 && (m.sameParent == 0 || over(setting_, state(), up) || !started(up));
  return false;
}

std::string Hierarchy::settle() {
  const Time until = now_ + 12 * kTick;
  for (int rounds = 0; now_ < until; ++rounds) {
    if (rounds > 4000) return "never at rest";
    std::optional<Millis> due;
    bool changed = false;
    for (int i = 0; i < kGrants; ++i) {
      const State before = state();
      if (!kin_[at(i)].grant) continue;
      const plan::Plan p = planned(i);
      if (auto broken = carry(i, p, std::nullopt); !broken.empty()) return broken;
      changed = changed || !(before == state());
      if (p.requeueAfter) due = std::min(due.value_or(*p.requeueAfter), *p.requeueAfter);
    }
    if (changed) continue;
    now_ += std::max(due.value_or(kTick), Millis{1000});
  }
  for (int i = 0; i < kGrants; ++i)
    if (kin_[at(i)].grant && over(setting_, state(), i) &&
        (kin_[at(i)].grant->terminal() || hasRights(i) || kin_[at(i)].slot || kin_[at(i)].open))
      return fmt::format("{} is over, and is still there", name(i));
  return {};
}

}  // namespace errand::statespace
