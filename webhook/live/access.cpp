#include "webhook/live/access.hpp"

namespace errand::webhook {
namespace {

constexpr std::size_t kMaxWanted = 2048, kThreads = 2;

}  // namespace

AccessReviews::AccessReviews(const kube::Client& client, const Clock& clock) : access_(client, clock) {
  for (std::size_t i = 0; i < kThreads; ++i)
    threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
}

AccessReviews::~AccessReviews() {
  for (std::jthread& thread : threads_) thread.request_stop();
}

void AccessReviews::want(const std::vector<api::Question>& questions) {
  {
    const std::lock_guard lock(mutex_);
    for (const api::Question& question : questions) {
      if (wanted_.size() >= kMaxWanted) break;
      std::string key = api::keyOf(question);
      if (wanted_.emplace(key, question).second) line_.push_back(std::move(key));
    }
  }
  some_.notify_all();
}

void AccessReviews::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (some_.wait(lock, stop, [this] { return !line_.empty(); })) {
    const std::string key = std::move(line_.front());
    line_.pop_front();
    const api::Question question = wanted_.at(key);
    lock.unlock();
    access_.ask(question);
    lock.lock();
    wanted_.erase(key);
  }
}

}  // namespace errand::webhook
