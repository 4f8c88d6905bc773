#include "operator/control/runtime.hpp"

#include <condition_variable>
#include <mutex>

namespace errand::control {

Runtime::Runtime(kube::Transport& transport, RuntimeOptions options, const Clock& clock)
    : client_(transport, calls_.get_token()),
      applier_(client_, stores_, proofs_, std::move(options.endpoint), clock),
      observer_(stores_, proofs_, client_, clock),
      grants_({stores_, proofs_, client_, applier_, observer_, clock}, options.settings),
      identities_({stores_, proofs_, client_, applier_, observer_, clock}),
      sweeps_({stores_, proofs_, client_, applier_, observer_, clock}) {
  connect(stores_, queues_);
  watches_ = std::make_unique<Watches>(stores_, transport);
  const auto token = stopWork_.get_token();
  workers_.emplace_back([this, token] { superviseNamespaces(token); });
  // Nothing is decided before everything that decides is known: a grant whose
  // identity is not known yet would be told that it does not exist.
  const auto whenSynced = [this, token](kube::WorkQueue& queue, Controller& controller) {
    workers_.emplace_back([this, token, &queue, &controller] {
      while (!watches_->synced())
        if (!kube::systemPause()(Millis{20}, token)) return;
      work(queue, controller, token);
    });
  };
  whenSynced(queues_.identities, identities_);
  whenSynced(queues_.sweeps, sweeps_);
  for (int i = 0; i < options.workers; ++i) whenSynced(queues_.grants, grants_);
}

void Runtime::superviseNamespaces(std::stop_token stop) {
  while (const auto key = queues_.namespaces.get(stop)) {
    if (watches_->reconcile(key->name)) queues_.sweeps.addAfter({"", key->name}, Seconds{2});
    queues_.namespaces.done(*key);
  }
}

void Runtime::stop(Millis patience) {
  stopWork_.request_stop();
  queues_.shutDown();
  std::mutex mutex;
  std::condition_variable ended;
  bool done = false;
  std::jthread impatient([&] {
    std::unique_lock lock(mutex);
    if (!ended.wait_for(lock, patience, [&] { return done; })) calls_.request_stop();
  });
  workers_.clear();
  {
    const std::lock_guard lock(mutex);
    done = true;
  }
  ended.notify_all();
  impatient.join();
  calls_.request_stop();
  watches_.reset();
}

Runtime::~Runtime() {
  if (watches_) stop(Millis{0});
}

}  // namespace errand::control
