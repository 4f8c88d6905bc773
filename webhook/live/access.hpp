// Asks the API server who may do what on threads of their own, so that no connection's thread waits.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "core/kube/client/access.hpp"

namespace errand::webhook {

class AccessReviews {
 public:
  // Both outlive it.
  AccessReviews(const kube::Client& client, const Clock& clock);
  ~AccessReviews();

  // Nothing where it is not known, or not any more.
  std::optional<bool> may(const api::Question& question) { return access_.known(question); }

  // Asks soon what is not asked already. Does nothing where too much
  // else is to be asked. What cannot be asked stays unknown.
  void want(const std::vector<api::Question>& questions);

 private:
  void run(const std::stop_token& stop);

  kube::Access access_;
  std::mutex mutex_;
  std::condition_variable_any some_;
  std::unordered_map<std::string, api::Question> wanted_;
  std::deque<std::string> line_;  // keys of wanted_ that nobody asks yet
  std::vector<std::jthread> threads_;
};

}  // namespace errand::webhook
