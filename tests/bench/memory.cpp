// Measures the operator's memory for a full cluster: its stores with their indexes, filled by real reflectors
// from a stream. Prints one line of JSON. Sizes are in MiB beyond the process with empty stores.
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "core/base/memory.hpp"
#include "core/kube/watch/reflector.hpp"
#include "operator/control/event_handlers.hpp"
#include "tests/bench/samples.hpp"

namespace errand {
namespace {

using nlohmann::json;

constexpr int kIdentities = 10'000, kGrants = 50'000;

double rss() {
  std::ifstream in("/proc/self/statm");
  long total = 0, resident = 0;
  in >> total >> resident;
  return static_cast<double>(resident * sysconf(_SC_PAGESIZE)) / (1 << 20);
}

// Streams `count` objects as a first list (KEP-3157), then sends nothing more.
class Server final : public kube::Transport {
 public:
  using Make = std::function<json(int)>;
  Server(int count, Make make) : count_(count), make_(std::move(make)) {}

  Result<kube::Response> call(const kube::Request&, std::stop_token) override {
    return fail(ErrorKind::Unavailable, "only streams");
  }
  Result<kube::Response> stream(const kube::Request&, const Sink& sink, std::stop_token stop) override {
    for (int i = 0; i < count_; ++i) sink(json{{"type", "ADDED"}, {"object", make_(i)}}.dump() + "\n");
    sink(R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9000000",)"
         R"("annotations":{"k8s.io/initial-events-end":"true"}}}})"
         "\n");
    while (!stop.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return fail(ErrorKind::Cancelled, "stopped");
  }

 private:
  int count_;
  Make make_;
};

// Fills the store as a reflector of the operator does. Returns the memory that this added, in MiB.
template <class T>
double fill(kube::Store<T>& store, const api::Resource& resource, int count, Server::Make make) {
  const double before = rss();
  Server server(count, std::move(make));
  {
    kube::Reflector<T> reflector({.resource = resource}, server, store);
    while (!reflector.synced()) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  if (store.size() != static_cast<size_t>(count)) std::abort();
  return rss() - before;
}

// Drains the keys that are due. All agents together have their counts written at most five times a second
// (connect). So the last of 10,000 would be due after half an hour. Their keys stay, and count as memory.
void drain(control::Queues& queues) {
  for (kube::WorkQueue* queue : {&queues.grants, &queues.identities, &queues.namespaces, &queues.sweeps})
    while (const auto key = queue->tryGet()) queue->done(*key);
}

int run() {
  tuneMemory();
  state::Stores stores;
  control::Queues queues;
  control::connect(stores, queues);
  json out = {{"empty", rss()}};
  out["identities"] = fill(stores.identities, api::kAgentIdentities, kIdentities,
                           [](int i) { return api::encode(bench::identity(i)); });
  out["grants"] = fill(stores.grants, api::kTaskGrants, kGrants,
                       [](int i) { return api::encode(bench::grant(i, kIdentities)); });
  // Steady state: every key that is due is done.
  drain(queues);
  releaseMemory();
  out["identitiesAndGrants"] = rss() - out["empty"].get<double>();
  out["accounts"] = fill(stores.accounts, api::kServiceAccounts, kGrants,
                         [](int i) { return api::encode(bench::accountOf(bench::grant(i, kIdentities))); });
  out["bindings"] = fill(stores.bindings, api::kRoleBindings, kGrants,
                         [](int i) { return api::encode(bench::bindingOf(bench::grant(i, kIdentities))); });
  drain(queues);
  releaseMemory();
  out["all"] = rss() - out["empty"].get<double>();
  out["packedGrantBytes"] = api::pack(bench::grant(12'345, kIdentities)).bytes().size();
  out["packedIdentityBytes"] = api::pack(bench::identity(1'234)).bytes().size();
  std::cout << out.dump() << "\n";
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace errand

int main() { return errand::run(); }
