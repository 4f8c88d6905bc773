#include "webhook/review.hpp"

#include "webhook/handlers/handler.hpp"

namespace errand::webhook {

rules::Mode Call::mode() const {
  const rules::Mode known = modeOf(cluster, info.ns).value_or(rules::Mode::Off);
  return known == rules::Mode::Off ? rules::Mode::Enforce : known;
}

Result<Outcome> review(Path path, std::string_view body, const rules::ClusterState& cluster,
                       const rules::RuleSettings& settings, Time now) {
  const Result<rules::AdmissionReview> read = rules::readAdmission(body);
  if (!read) return std::unexpected(read.error());
  const Call call{path, read->info, cluster, settings, now};
  Outcome out = std::visit([&](const auto& request) { return handle(call, request); }, read->request);
  const rules::RequestInfo& info = read->info;
  if (!out.allowed) out.refused = {info.operation, info.resource, info.ns, info.name, info.requester.user};
  return out;
}

}  // namespace errand::webhook
