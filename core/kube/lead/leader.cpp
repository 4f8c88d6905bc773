#include "core/kube/lead/leader.hpp"

#include <thread>

#include "core/base/log.hpp"

namespace errand::kube {

Leader::Leader(Transport& transport, const std::optional<LeaseSpec>& lease, const Clock& clock)
    : transport_(transport) {
  if (lease) fence_.emplace(transport, election_.emplace(transport, *lease, clock));
}

void Leader::run(const std::stop_token& stop, const std::function<void(const std::stop_token&)>& term) {
  if (!election_) return term(stop);
  while (election_->awaitLead(stop)) {
    fence_->open();
    std::stop_source over;
    std::jthread working([&term, token = over.get_token()] { term(token); });
    election_->awaitLoss(stop);
    over.request_stop();
    // After a loss, no call of this term is executed in another term.
    if (!stop.stop_requested()) fence_->close();
    working.join();
    if (!stop.stop_requested()) log::warn("standing by");
  }
}

void Leader::release() {
  if (election_) election_->release();
}

}  // namespace errand::kube
