#include "core/kube/client/access.hpp"

#include "core/base/log.hpp"

namespace errand::kube {
namespace {

using namespace std::chrono_literals;

constexpr auto kKnownFor = 3s;
constexpr std::size_t kMostAnswers = 8192;

}  // namespace

bool Access::isOld(const Answer& answer) const { return clock_.monotonic() - answer.at > kKnownFor; }

std::optional<bool> Access::known(const api::Question& question) {
  const std::string key = api::keyOf(question);
  const auto answers = answers_.access();
  const auto it = answers->find(key);
  if (it == answers->end() || isOld(it->second)) return std::nullopt;
  return it->second.allowed;
}

std::optional<bool> Access::ask(const api::Question& question) {
  if (const auto allowed = known(question)) return allowed;
  const auto answer = client_.accessReview({.user = question.who.user,
                                            .uid = question.who.uid,
                                            .groups = question.who.groups,
                                            .extra = question.who.extra,
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
    std::erase_if(*answers, [&](const auto& a) { return isOld(a.second); });
  if (answers->size() >= kMostAnswers) answers->clear();
  answers->insert_or_assign(api::keyOf(question), Answer{allowed, clock_.monotonic()});
  return allowed;
}

}  // namespace errand::kube
