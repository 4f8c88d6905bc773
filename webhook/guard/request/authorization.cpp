#include "webhook/guard/request/authorization.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/api/resource.hpp"
#include "rules/view/describe.hpp"

namespace errand::webhook {
namespace {

// A longer list does not help its reader.
constexpr size_t kMostRefusals = 16;
// The largest userInfo, in bytes. An API server normally sends a few KiB. Each question to it repeats all of
// them, so the open questions together may have kBytesAtOnce.
constexpr size_t kMostBytes = size_t{64} * 1024;
constexpr size_t kBytesAtOnce = size_t{256} * 1024, kLeastAtOnce = 4;

size_t sizeOf(const api::Requester& who) {
  size_t out = who.user.size() + who.uid.size();
  for (const std::string& group : who.groups) out += group.size() + 1;
  for (const auto& [key, values] : who.extra) {
    out += key.size() + 1;
    for (const std::string& value : values) out += value.size() + 1;
  }
  return out;
}

std::string subject(const api::AccessRequest& q) {
  const std::string what = q.group.empty() ? q.resource : q.resource + "." + q.group;
  return q.name.empty() ? what + " (of any name)" : what + " " + rules::inQuotes(q.name);
}

}  // namespace

void Refusals::add(std::string message) {
  if (messages_.size() < kMostRefusals)
    messages_.push_back(std::move(message));
  else
    ++more_;
}

std::string Refusals::text() const {
  std::string out = fmt::format("{}", fmt::join(messages_, "\n"));
  if (more_ > 0) out += fmt::format("\nand {} more", more_);
  return out;
}

Authorization::Authorization(const rules::ClusterState& cluster, api::Requester who, std::string_view ns)
    : cluster_(cluster),
      who_(sizeOf(who) > kMostBytes ? api::Requester{} : std::move(who)),
      ns_(ns),
      atOnce_(std::clamp(kBytesAtOnce / (sizeOf(*who_) + 1), kLeastAtOnce, kAtOnce)) {
  if (who_->user.empty())
    refuse(
        fmt::format("request.userInfo: names no user, or says more of one than {} bytes; ask as a user of "
                    "fewer groups",
                    kMostBytes));
}

void Authorization::require(std::string_view field, std::string_view verb, std::string_view group,
                            std::string_view resource, std::string_view name, std::string_view wayOut) {
  if (who_->user.empty() || unknown_.size() >= atOnce_) return;
  api::AccessRequest question{who_, std::string(verb), std::string(group), std::string(resource),
                              ns_,  std::string(name)};
  const std::optional<bool> may = cluster_.may(question);
  if (may) ++answered_;
  if (may == true) return;
  if (may == false) {
    refuse(fmt::format("{}: user {} may not {} {} in namespace {}; {}", field, rules::inQuotes(who_->user),
                       verb, subject(question), rules::inQuotes(ns_), wayOut));
  } else {
    unknown_.push_back(std::move(question));
  }
}

void Authorization::require(std::string_view field, std::string_view verb, std::string_view agent) {
  require(field, verb, api::kAgentIdentities.group, api::kAgentIdentities.plural, agent,
          fmt::format("ask for a Role with {{apiGroups: [errand.dev], resources: [agentidentities], verbs: "
                      "[{}]}}, such as a RoleBinding to the ClusterRole errand-requester",
                      verb));
}

RequestVerdict Authorization::verdict() && {
  RequestVerdict out;
  if (!refusals_.empty()) {
    out.refusal = refusals_.text();
  } else if (!unknown_.empty()) {
    out.refusal = fmt::format(
        "the API server has not said in time whether user {} may {} {} in namespace {}; try again",
        rules::inQuotes(who_->user), unknown_.front().verb, subject(unknown_.front()), rules::inQuotes(ns_));
  }
  // Returns open questions even with a refusal, so that one message lists several reasons.
  if (refusals_.empty() || (answered_ < atOnce_ && !who_->user.empty())) out.asks = std::move(unknown_);
  return out;
}

}  // namespace errand::webhook
