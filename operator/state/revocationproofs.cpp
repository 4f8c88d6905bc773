#include "operator/state/revocationproofs.hpp"

namespace errand::state {

void RevocationProofs::hold(const std::string& grantUid, HeldToken held) {
  const auto entries = entries_.access();
  Entry& entry = (*entries)[grantUid];
  entry.held = std::move(held);
  entry.refusedSince.reset();
}

std::optional<HeldToken> RevocationProofs::held(const std::string& grantUid) {
  const auto entries = entries_.access();
  const auto it = entries->find(grantUid);
  if (it == entries->end() || !it->second.held) return std::nullopt;
  return HeldToken{it->second.held->token.copy(), it->second.held->audiences};
}

void RevocationProofs::refused(const std::string& grantUid, Time at) {
  const auto entries = entries_.access();
  if (const auto it = entries->find(grantUid); it != entries->end() && !it->second.refusedSince)
    it->second.refusedSince = at;
}

void RevocationProofs::accepted(const std::string& grantUid) {
  const auto entries = entries_.access();
  if (const auto it = entries->find(grantUid); it != entries->end()) it->second.refusedSince.reset();
}

plan::Proof RevocationProofs::proof(const std::string& grantUid) {
  const auto entries = entries_.access();
  const auto it = entries->find(grantUid);
  if (it == entries->end()) return {};
  const Entry& e = it->second;
  return {e.held.has_value(), e.refusedSince, e.endedAt, e.rightsGoneAt};
}

void RevocationProofs::ended(const std::string& grantUid, Time at) {
  Entry& entry = (*entries_.access())[grantUid];
  if (!entry.endedAt) entry.endedAt = at;
}

void RevocationProofs::rightsGone(const std::string& grantUid, Time at) {
  const auto entries = entries_.access();
  if (const auto it = entries->find(grantUid);
      it != entries->end() && it->second.endedAt && !it->second.rightsGoneAt)
    it->second.rightsGoneAt = at;
}

void RevocationProofs::follow(kube::Store<api::TaskGrant>& grants) {
  grants.onChange([this](const auto& old, const auto& next) {
    if (old && (!next || next->meta.uid != old->meta.uid)) forget(old->meta.uid);
    if (next && next->status.revocation.confirmedAt) forget(next->meta.uid);
  });
}

void RevocationProofs::forget(const std::string& grantUid) { entries_.access()->erase(grantUid); }

void RevocationProofs::clear() { entries_.access()->clear(); }

}  // namespace errand::state
