#include "operator/apply/proofbook.hpp"

namespace errand::apply {

void ProofBook::hold(const std::string& grantUid, HeldToken held) {
  entries_.access()->insert_or_assign(grantUid, Entry{std::move(held), std::nullopt});
}

std::optional<HeldToken> ProofBook::held(const std::string& grantUid) {
  const auto entries = entries_.access();
  const auto it = entries->find(grantUid);
  if (it == entries->end()) return std::nullopt;
  return HeldToken{it->second.held.token.copy(), it->second.held.audiences};
}

void ProofBook::refused(const std::string& grantUid, Time at) {
  const auto entries = entries_.access();
  if (const auto it = entries->find(grantUid); it != entries->end() && !it->second.refusedSince)
    it->second.refusedSince = at;
}

void ProofBook::accepted(const std::string& grantUid) {
  const auto entries = entries_.access();
  if (const auto it = entries->find(grantUid); it != entries->end()) it->second.refusedSince.reset();
}

plan::Proof ProofBook::proof(const std::string& grantUid) {
  const auto entries = entries_.access();
  const auto it = entries->find(grantUid);
  return it == entries->end() ? plan::Proof{} : plan::Proof{true, it->second.refusedSince};
}

void ProofBook::forget(const std::string& grantUid) { entries_.access()->erase(grantUid); }

void ProofBook::clear() { entries_.access()->clear(); }

}  // namespace errand::apply
