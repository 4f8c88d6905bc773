#include "operator/state/finishedjobs.hpp"

namespace errand::state {

void FinishedJobs::follow(kube::Store<api::Job>& jobs) {
  jobs.onChange([this](const auto& old, const auto& next) {
    const bool isGone = old && (!next || next->meta.uid != old->meta.uid);
    if (!isGone || !(old->complete || old->failed)) return;
    const auto kept = kept_.access();
    if (!kept->byUid.emplace(old->meta.uid, old).second) return;
    kept->order.push_back(old->meta.uid);
    if (kept->order.size() <= kMost) return;
    kept->byUid.erase(kept->order.front());
    kept->order.pop_front();
  });
}

std::shared_ptr<const api::Job> FinishedJobs::find(const std::string& uid) {
  const auto kept = kept_.access();
  const auto it = kept->byUid.find(uid);
  return it == kept->byUid.end() ? nullptr : it->second;
}

}  // namespace errand::state
