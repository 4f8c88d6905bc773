#include "rules/inject/bylabel.hpp"

#include <fmt/format.h>

#include <string>

#include "rules/inject/complete.hpp"
#include "rules/view/describe.hpp"

namespace errand::rules {
namespace {

// True if the schema of TaskGrant allows the name.
bool canBeAName(std::string_view name) {
  constexpr size_t kLongest = 40;
  return !name.empty() && name.size() <= kLongest &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

}  // namespace

LabelCompletion completeFromLabel(const PodView& pod, std::string_view ns, std::string_view user,
                                  const ClusterState& cluster, Seconds longestGrace) {
  const std::string_view name = pod.label(api::kGrantLabel);
  const bool possible = canBeAName(name);
  const auto grant = possible ? cluster.grant(ns, name) : nullptr;
  LabelCompletion out;
  if (grant) {
    out.patch = completeFromGrant(pod, *grant, cluster.identity(ns, grant->spec.agentIdentity).get(), user,
                                  longestGrace);
  } else {
    out.patch =
        fail(ErrorKind::NotFound,
             fmt::format("names TaskGrant {}, which does not exist; create it, or take the label {} off",
                         inQuotes(name), api::kGrantLabel));
  }
  if (possible && !out.patch && out.patch.error().kind == ErrorKind::NotFound)
    out.needs = NeedsGrant{std::string(ns), std::string(name)};
  return out;
}

}  // namespace errand::rules
