#include "webhook/inject/lookup.hpp"

#include <string>

namespace errand::webhook {
namespace {

// As the schema of TaskGrant bounds it.
bool canBeAName(std::string_view name) {
  constexpr size_t kLongest = 40;
  return !name.empty() && name.size() <= kLongest &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

}  // namespace

NamedGrant findGrant(const Views& views, std::string_view ns, std::string_view name) {
  NamedGrant out;
  if (!canBeAName(name)) return out;
  out.grant = views.grant(ns, name);
  if (out.grant) out.identity = views.identity(ns, out.grant->spec.agentIdentity);
  // A grant that has ended will never be more complete.
  const bool complete =
      out.grant && (out.grant->terminal() || (out.identity && !out.grant->status.serviceAccountName.empty()));
  if (!complete) out.needs = NeedsGrant{std::string(ns), std::string(name)};
  return out;
}

}  // namespace errand::webhook
