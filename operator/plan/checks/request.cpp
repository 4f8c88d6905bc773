#include "operator/plan/checks/request.hpp"

#include <fmt/format.h>

namespace errand::plan {
namespace {

Ending denied(Reason because, std::string message) {
  return {api::Phase::Denied, because, std::move(message)};
}

std::string verbMissing(const Observed& o, std::string_view user) {
  return fmt::format(
      "user \"{}\", who asked, may not request AgentIdentity \"{}\": the verb request on it is missing "
      "(ClusterRole errand-requester gives it); create another grant once the user holds it",
      user, o.grant->spec.agentIdentity);
}

}  // namespace

std::optional<Ending> deniedRequest(const Observed& o) {
  const Provenance& r = o.request;
  if (!r.checked) return std::nullopt;
  if (!r.requester) return denied(Reason::RequesterNotRecorded, r.requester.error().message);
  if (r.mayRequest == false) return denied(Reason::RequesterNotAuthorized, verbMissing(o, r.requester->user));
  return std::nullopt;
}

std::optional<Ending> revokedRequest(const Observed& o) {
  const Provenance& r = o.request;
  if (!r.checked || !r.requester || r.mayRequest != false) return std::nullopt;
  return Ending{api::Phase::Revoked, Reason::RequesterNotAuthorized, verbMissing(o, r.requester->user)};
}

std::string_view requesterOf(const Observed& o) {
  return o.request.checked && o.request.requester ? std::string_view(o.request.requester->user)
                                                  : std::string_view();
}

}  // namespace errand::plan
