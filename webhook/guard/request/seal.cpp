#include "webhook/guard/request/seal.hpp"

#include <fmt/format.h>

#include <chrono>

namespace errand::webhook {
namespace {

constexpr std::string_view kNoKey =
    "no TaskGrant can be admitted: this webhook has no key to seal who asked with; see that the operator "
    "runs, "
    "that it has filled the Secret errand-seal, and that the webhook mounts it (--seal-dir)";

}  // namespace

Result<Patch> sealGrant(const AdmissionRequest& request, const api::TaskGrant& grant,
                        const RequestViews& views, Time now) {
  const auto keys = views.sealKeys();
  if (!keys) return fail(ErrorKind::Unavailable, std::string(kNoKey));
  const auto annotations = api::seal(grant, request.requester(), keys->signing, views.nonce(), now);
  if (!annotations) return std::unexpected(annotations.error());
  Patch out;
  if (grant.meta.annotations.empty()) out.emplace_back("add", "/metadata/annotations", "{}");
  for (const auto& [key, value] : *annotations) {
    std::string path = "/metadata/annotations/" + key;
    path.replace(path.rfind('/'), 1, "~1");
    out.emplace_back("add", std::move(path), jsonString(value));
  }
  return out;
}

std::optional<std::string> unsealed(const AdmissionRequest& request, const api::TaskGrant& grant,
                                    const RequestViews& views, Time now) {
  const auto keys = views.sealKeys();
  if (!keys) return std::string(kNoKey);
  const auto sealed = api::checkSeal(grant, keys->accepted);
  if (!sealed)
    return fmt::format(
        "{} (the mutating webhook has not sealed this request, or another one has changed it afterwards)",
        sealed.error().message);
  if (sealed->requester != request.requester())
    return fmt::format("metadata.annotations: {} is of another request, by another user",
                       api::kSealAnnotation);
  if (std::chrono::abs(now - sealed->at) > api::kSealWindow)
    return fmt::format("metadata.annotations: {} is of {}, not of this request", api::kSealAnnotation,
                       formatTime(sealed->at));
  return std::nullopt;
}

}  // namespace errand::webhook
