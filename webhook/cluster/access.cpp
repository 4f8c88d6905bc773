#include "webhook/cluster/access.hpp"

namespace errand::webhook {
namespace {

constexpr std::size_t kAskingThreads = 2, kMostAsked = 2048;

}  // namespace

AccessReviews::AccessReviews(const kube::Client& client, const Clock& clock)
    : access_(client, clock),
      beside_(kAskingThreads, kMostAsked, [this](const Keyed& wanted) { access_.ask(wanted.question); }) {}

void AccessReviews::want(const std::vector<api::AccessRequest>& questions, const Behalf& behalf) {
  std::vector<Keyed> wanted;
  wanted.reserve(questions.size());
  for (const api::AccessRequest& question : questions) wanted.push_back({api::keyOf(question), question});
  beside_.want(behalf, std::move(wanted));
}

}  // namespace errand::webhook
