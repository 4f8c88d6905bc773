#include "webhook/live/access.hpp"

#include <nlohmann/json.hpp>

#include "core/base/log.hpp"

namespace errand::webhook {
namespace {

using namespace std::chrono_literals;

constexpr auto kKnownFor = 3s;
constexpr std::size_t kMaxWanted = 2048, kMaxKnown = 8192, kThreads = 2;

// A JSON array, for it has one form: no user's text can pass for another field.
std::string keyOf(const Question& q) {
  return nlohmann::json::array({api::encode(q.who), q.verb, q.group, q.resource, q.ns, q.name})
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

AccessReviews::AccessReviews(const kube::Client& client, const Clock& clock)
    : client_(client), clock_(clock) {
  for (std::size_t i = 0; i < kThreads; ++i)
    threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
}

AccessReviews::~AccessReviews() {
  for (std::jthread& thread : threads_) thread.request_stop();
}

std::optional<bool> AccessReviews::may(const Question& question) {
  const std::string key = keyOf(question);
  const std::lock_guard lock(mutex_);
  const auto it = known_.find(key);
  if (it == known_.end() || clock_.monotonic() - it->second.at > kKnownFor) return std::nullopt;
  return it->second.allowed;
}

void AccessReviews::want(const std::vector<Question>& questions) {
  {
    const std::lock_guard lock(mutex_);
    for (const Question& question : questions) {
      if (wanted_.size() >= kMaxWanted) break;
      std::string key = keyOf(question);
      if (wanted_.emplace(key, question).second) line_.push_back(std::move(key));
    }
  }
  some_.notify_all();
}

void AccessReviews::forgetOld() {
  const auto now = clock_.monotonic();
  std::erase_if(known_, [&](const auto& entry) { return now - entry.second.at > kKnownFor; });
  if (known_.size() >= kMaxKnown) known_.clear();
}

void AccessReviews::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (some_.wait(lock, stop, [this] { return !line_.empty(); })) {
    const std::string key = std::move(line_.front());
    line_.erase(line_.begin());
    const Question question = wanted_.at(key);
    lock.unlock();
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
    if (!answer && answer.error().kind != ErrorKind::Cancelled)
      log::warn("access not reviewed", {{"verb", question.verb},
                                        {"resource", question.resource},
                                        {"namespace", question.ns},
                                        {"error", answer.error().message}});
    lock.lock();
    wanted_.erase(key);
    if (!answer) continue;
    if (known_.size() >= kMaxKnown) forgetOld();
    known_.insert_or_assign(key, Known{answer->allowed && !answer->denied, clock_.monotonic()});
  }
}

}  // namespace errand::webhook
