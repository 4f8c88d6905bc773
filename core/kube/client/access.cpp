#include "core/kube/client/access.hpp"

#include "core/base/log.hpp"

namespace errand::kube {
namespace {

constexpr std::size_t kMostAnswers = 8192;

}  // namespace

std::optional<bool> Access::known(const std::string& key, Millis maxAge) {
  const auto answers = answers_.access();
  const auto it = answers->find(key);
  if (it == answers->end() || isOlder(it->second, maxAge)) return std::nullopt;
  return it->second.allowed;
}

std::optional<bool> Access::known(const api::AccessRequest& question) {
  return known(api::keyOf(question), kKnownFor);
}

std::optional<bool> Access::ask(const api::AccessRequest& question, Millis maxAge) {
  std::string key = api::keyOf(question);
  if (const auto allowed = known(key, maxAge)) return allowed;
  const auto answer = client_.accessReview({.user = question.who->user,
                                            .uid = question.who->uid,
                                            .groups = question.who->groups,
                                            .extra = question.who->extra,
                                            .verb = question.verb,
                                            .group = question.group,
                                            .version = "*",
                                            .resource = question.resource,
                                            .ns = question.ns,
                                            .name = question.name});
  if (!answer) {
    if (answer.error().kind != ErrorKind::Cancelled)
      log::warn("access not reviewed", {{"verb", question.verb},
                                        {"resource", question.resource},
                                        {"namespace", question.ns},
                                        {"error", answer.error().message}});
    return std::nullopt;
  }
  const bool allowed = answer->allowed && !answer->denied;
  const auto answers = answers_.access();
  if (answers->size() >= kMostAnswers)
    std::erase_if(*answers, [&](const auto& a) { return isOlder(a.second, kKnownFor); });
  if (answers->size() >= kMostAnswers) answers->clear();
  answers->insert_or_assign(std::move(key), Answer{allowed, clock_.monotonic()});
  return allowed;
}

}  // namespace errand::kube
