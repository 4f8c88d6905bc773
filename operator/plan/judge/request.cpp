#include "operator/plan/judge/request.hpp"

#include <fmt/format.h>

#include <chrono>

namespace errand::plan {
namespace {

Ending denied(std::string because, std::string message) {
  return {api::Phase::Denied, std::move(because), std::move(message)};
}

}  // namespace

std::optional<Ending> deniedRequest(const Observed& o) {
  const Request& r = o.request;
  if (!r.judged) return std::nullopt;
  if (!r.seal) return denied(r.seal.error().reason, r.seal.error().message);
  const api::Sealed& sealed = *r.seal;
  if (!r.sealOf.empty() && r.sealOf != o.grant->meta.uid)
    return denied("SealReplayed",
                  fmt::format("metadata.annotations: {} was seen before, on the grant with uid {}; create it "
                              "again without these annotations",
                              api::kSealAnnotation, r.sealOf));
  const Time made = o.grant->meta.creationTimestamp.value_or(Time{});
  if (std::chrono::abs(made - sealed.at) > api::kSealWindow)
    return denied("SealStale",
                  fmt::format("metadata.annotations: {} is of {}, and the grant was created at {}; create it "
                              "again without these annotations",
                              api::kSealAnnotation, formatTime(sealed.at), formatTime(made)));
  if (r.may == false)
    return denied("RequesterMayNot",
                  fmt::format("user \"{}\", who asked, may not request AgentIdentity \"{}\" any longer: the "
                              "verb request on it is gone (ClusterRole errand-requester gives it); create "
                              "another grant once it is back",
                              sealed.requester.user, o.grant->spec.agentIdentity));
  return std::nullopt;
}

std::string_view requesterOf(const Observed& o) {
  return o.request.judged && o.request.seal ? std::string_view(o.request.seal->requester.user)
                                            : std::string_view();
}

}  // namespace errand::plan
