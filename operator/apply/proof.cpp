#include "operator/apply/proof.hpp"

#include <fmt/format.h>

#include "core/api/secret.hpp"
#include "core/base/log.hpp"

namespace errand::apply {
namespace {

constexpr std::string_view kProbeAudience = "errand.dev/probe";

// True if the API server has checked the token and rejects it. `error` also reports failures of the
// authenticator, which prove nothing.
bool isRefusal(const kube::TokenReview& review) {
  if (review.authenticated) return false;
  return review.error.empty() || review.error.find("invalid bearer token") != std::string::npos ||
         review.error.find("has been invalidated") != std::string::npos;
}

}  // namespace

Result<void> Prover::keepToken(const plan::Delete& action, const api::TaskGrant& grant) const {
  auto raw = client_.getRaw(api::kSecrets, grant.meta.ns, action.name);
  if (!raw) return std::unexpected(std::move(raw.error()));
  const auto secret = api::readSecret(*raw);
  if (!secret || secret->uid != action.uid) return {};
  std::string key = "token";
  std::vector<std::string> audiences;
  if (!grant.spec.access.grantsRoles()) {
    const auto identity = stores_.identities.get(grant.meta.ns, grant.spec.agentIdentity);
    const auto* toolClass = identity ? identity->toolClass(grant.spec.toolClass) : nullptr;
    if (toolClass == nullptr || grant.spec.access.audiences.empty()) return {};
    const auto* audience = toolClass->access.audience(grant.spec.access.audiences.back());
    if (audience == nullptr) return {};
    key = audience->file;
    audiences = {audience->name};
  }
  if (Sensitive token = secret->value(key); !token.empty())
    proofs_.hold(grant.meta.uid, {std::move(token), std::move(audiences)});
  return {};
}

Result<void> Prover::mintProbe(const plan::MintProbe& action, const api::TaskGrant& grant) const {
  auto issued =
      client_.requestToken(grant.meta.ns, action.account, {.audiences = {std::string(kProbeAudience)}});
  if (issued) {
    proofs_.hold(grant.meta.uid, {std::move(issued->token), {std::string(kProbeAudience)}});
  } else {
    log::warn("no probe token; the end will be confirmed by expiry",
              {{"namespace", grant.meta.ns}, {"name", grant.meta.name}, {"error", issued.error().message}});
  }
  return {};
}

Result<void> Prover::reviewToken(const api::TaskGrant& grant) const {
  const auto held = proofs_.held(grant.meta.uid);
  if (!held) return {};
  for (const kube::Client& proofServer : proofServers_) {
    auto review = proofServer.reviewToken(held->token, held->audiences, /*freshConnection=*/true);
    if (review && isRefusal(*review)) continue;
    proofs_.accepted(grant.meta.uid);  // the rejections must be continuous, so this starts them anew
    if (!review) return std::unexpected(std::move(review.error()));
    return {};
  }
  proofs_.refused(grant.meta.uid, clock_.now());
  return {};
}

}  // namespace errand::apply
