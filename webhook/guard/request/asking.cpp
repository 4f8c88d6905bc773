#include "webhook/guard/request/asking.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/api/resource.hpp"
#include "webhook/view/describe.hpp"

namespace errand::webhook {
namespace {

// More would make a message that no client shows.
constexpr size_t kMostRefusals = 16;

std::string subject(const api::Question& q) {
  const std::string what = q.group.empty() ? q.resource : q.resource + "." + q.group;
  return q.name.empty() ? what + " (of any name)" : what + " " + inQuotes(q.name);
}

}  // namespace

void Asking::require(std::string_view field, std::string_view verb, std::string_view group,
                     std::string_view resource, std::string_view name, std::string_view wayOut) {
  api::Question question{who_, std::string(verb), std::string(group), std::string(resource),
                         ns_,  std::string(name)};
  const std::optional<bool> may = views_.may(question);
  if (may == true) return;
  if (may == false) {
    refusals_.push_back(fmt::format("{}: user {} may not {} {} in namespace {}; {}", field,
                                    inQuotes(who_.user), verb, subject(question), inQuotes(ns_), wayOut));
  } else {
    unknown_.push_back(std::move(question));
  }
}

void Asking::require(std::string_view field, std::string_view verb, std::string_view agent) {
  require(field, verb, api::kAgentIdentities.group, api::kAgentIdentities.plural, agent,
          fmt::format("ask for a Role with {{apiGroups: [errand.dev], resources: [agentidentities], verbs: "
                      "[{}]}}, such as a RoleBinding to the ClusterRole errand-requester",
                      verb));
}

RequestVerdict Asking::verdict() && {
  RequestVerdict out;
  if (!refusals_.empty()) {
    const size_t left = refusals_.size() > kMostRefusals ? refusals_.size() - kMostRefusals : 0;
    refusals_.resize(refusals_.size() - left);
    out.refusal = fmt::format("{}", fmt::join(refusals_, "\n"));
    if (left > 0) *out.refusal += fmt::format("\nand {} more", left);
  } else if (!unknown_.empty()) {
    out.refusal = fmt::format(
        "the API server has not said in time whether user {} may {} {} in namespace {}; try again",
        inQuotes(who_.user), unknown_.front().verb, subject(unknown_.front()), inQuotes(ns_));
  }
  // Also beside a refusal: who is refused is told of everything at once.
  out.asks = std::move(unknown_);
  return out;
}

}  // namespace errand::webhook
