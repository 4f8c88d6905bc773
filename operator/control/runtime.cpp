#include "operator/control/runtime.hpp"

#include <condition_variable>
#include <mutex>

namespace errand::control {
namespace {

// Retries of failed keys are spread over this time once the server answers again.
constexpr Millis kCatchUp{1'000};
constexpr Millis kEventPatience{1'000};  // the longest time to send the last events at the end

// Returns a client for each transport.
std::vector<kube::Client> clientsOf(const std::vector<kube::Transport*>& servers,
                                    const std::stop_token& stop) {
  std::vector<kube::Client> out;
  for (kube::Transport* server : servers) out.emplace_back(*server, stop);
  return out;
}

// Returns a client for each API server. Without a list of servers, the usual address stands for the only one.
std::vector<kube::Client> eachServer(const kube::Client& behindOneAddress,
                                     const std::vector<kube::Transport*>& servers,
                                     const std::stop_token& stop) {
  return servers.empty() ? std::vector{behindOneAddress} : clientsOf(servers, stop);
}

}  // namespace

Runtime::Runtime(kube::Transport& transport, RuntimeOptions options, const Clock& clock)
    : server_(transport),
      leader_(server_, options.lease, clock),
      client_(leader_.transport(), calls_.get_token(), server_.pause()),
      events_(client_, {.instance = options.instance}, clock),
      applier_(client_, stores_, proofs_, std::move(options.endpoint), clock,
               clientsOf(options.proofServers, calls_.get_token())),
      requesterCheck_(client_, clock),
      bindRights_(client_, clock),
      observer_(stores_, proofs_,
                {.request = [this](const api::TaskGrant& grant) { return requesterCheck_.check(grant); },
                 .mayBind = [this](const std::string& ns,
                                   const api::RoleRef& role) { return bindRights_.may(ns, role); },
                 .guards = [this] { return *guardFacts_.access(); }},
                clock),
      context_{stores_, proofs_, applier_, observer_, events_, clock},
      grants_(context_, options.settings),
      identities_(context_),
      sweeps_(context_),
      enforcement_(context_, options.enforcementSettle, options.guards.ns,
                   [this](const std::string& ns) {
                     for (const auto& key : stores_.identities.keys(ns)) queues_.identities.add(key);
                     for (const auto& key : stores_.grants.keys(ns)) queues_.grants.add(key);
                   }),
      guards_(
          client_, eachServer(client_, options.proofServers, calls_.get_token()), std::move(options.guards),
          guardFacts_, [this] { wakeEverything(); }, clock),
      workers_(options.workers) {
  connect(stores_, queues_, {.ignoredRoles = std::move(options.ignoredRoles), .rightsChanged = [this] {
                               requesterCheck_.forget();
                               bindRights_.forget();
                             }});
  proofs_.follow(stores_.grants);
  watches_ = std::make_unique<state::Watches>(stores_, server_, server_.pause());
  const auto token = stopWork_.get_token();
  threads_.emplace_back([this, token] { superviseNamespaces(token); });
  threads_.emplace_back(
      [this, token] { leader_.run(token, [this](const std::stop_token& over) { serveTerm(over); }); });
  threads_.emplace_back([this, token] {
    server_.probe(token, [this] {
      queues_.grants.retryNow(kCatchUp);
      queues_.identities.retryNow(kCatchUp);
      queues_.sweeps.retryNow(kCatchUp);
      queues_.enforcement.retryNow(kCatchUp);
    });
  });
}

// Starts and ends the watches of namespaces. Runs on every replica, so that a new leader has full caches.
void Runtime::superviseNamespaces(std::stop_token stop) {
  while (const auto key = queues_.namespaces.get(stop)) {
    // The first lists take less than 2 s as a rule. A sweep before their end does nothing for a minute.
    if (watches_->reconcile(key->name)) queues_.sweeps.addAfter({"", key->name}, Seconds{2});
    queues_.namespaces.done(*key);
  }
}

// Runs one term: from the time that this process leads until it loses the lead, or a stop is requested.
void Runtime::serveTerm(const std::stop_token& over) {
  wakeEverything();
  std::vector<std::jthread> workers;
  // Controllers start once Watches::synced(). Otherwise a grant would be reported as having no identity, only
  // because the identity is not in the cache yet.
  const auto whenSynced = [&](kube::WorkQueue& queue, Controller& controller) {
    workers.emplace_back([this, over, &queue, &controller] {
      while (!watches_->synced())
        if (!kube::systemPause()(Millis{20}, over)) return;
      work(queue, controller, over);
    });
  };
  workers.emplace_back([this, over] { guards_.run(over, kube::systemPause()); });
  whenSynced(queues_.identities, identities_);
  whenSynced(queues_.sweeps, sweeps_);
  whenSynced(queues_.enforcement, enforcement_);
  for (int i = 0; i < workers_; ++i) whenSynced(queues_.grants, grants_);
  workers.clear();
  // The next leader proves revocations; ours would be out of date.
  if (!stopWork_.stop_requested()) proofs_.clear();
}

// Compares every kube-root-ca.crt again and enqueues every key: at the start of a term, because earlier work
// may be unfinished, and when the guards change.
void Runtime::wakeEverything() {
  enforcement_.forget();
  for (const auto& key : stores_.identities.keys(std::nullopt)) queues_.identities.add(key);
  for (const auto& key : stores_.grants.keys(std::nullopt)) queues_.grants.add(key);
  for (const auto& key : stores_.namespaces.keys(std::nullopt)) {
    queues_.sweeps.add(key);
    queues_.enforcement.add(key);
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
  threads_.clear();
  events_.stop(calls_.stop_requested() ? Millis{0} : std::min(patience, kEventPatience));
  {
    const std::lock_guard lock(mutex);
    done = true;
  }
  ended.notify_all();
  impatient.join();
  calls_.request_stop();
  leader_.release();
  stopped_ = true;
}

Runtime::~Runtime() {
  if (!stopped_) stop(Millis{0});
}

}  // namespace errand::control
