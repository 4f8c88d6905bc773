// Questions to the API server's authorizers (SubjectAccessReview, authorization.k8s.io/v1),
// asked on threads of their own so that no connection's thread waits.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "core/base/time.hpp"
#include "core/kube/client/client.hpp"
#include "webhook/guard/request/views.hpp"

namespace errand::webhook {

// An answer counts for three seconds: long enough for the review that waits for
// it and for a burst of the same, and no longer than the API server's own caches.
class AccessReviews {
 public:
  // Both outlive it.
  AccessReviews(const kube::Client& client, const Clock& clock);
  ~AccessReviews();

  // Nothing where it is not known, or not any more.
  std::optional<bool> may(const Question& question);

  // Asks soon what is neither known nor asked already. Does nothing where too much
  // else is to be asked. What cannot be asked stays unknown.
  void want(const std::vector<Question>& questions);

 private:
  struct Known {
    bool allowed = false;
    std::chrono::steady_clock::time_point at;
  };
  void run(const std::stop_token& stop);
  void forgetOld();

  const kube::Client& client_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable_any some_;
  std::unordered_map<std::string, Known> known_;
  std::unordered_map<std::string, Question> wanted_;
  std::vector<std::string> line_;  // keys of wanted_ that nobody asks yet
  std::vector<std::jthread> threads_;
};

}  // namespace errand::webhook
