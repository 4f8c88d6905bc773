#include "core/serve/server.hpp"

#include <algorithm>
#include <thread>
#include <vector>

#include "core/base/log.hpp"
#include "core/base/memory.hpp"
#include "core/serve/io/worker.hpp"
#include "core/serve/listener.hpp"

namespace errand::serve {
namespace {

constexpr std::chrono::milliseconds kBackOff{100};
constexpr std::chrono::milliseconds kNoLimit{-1};
constexpr std::chrono::seconds kComplaint{10};  // least time between two log lines of the same problem

constexpr std::chrono::milliseconds kQuiet{5'000};  // interval of checking for memory to return
// The most connections beyond the limit that are being evicted and are not closed yet.
constexpr std::size_t kLeaving = 64;
// giveBack() waits until all bodies have kLittle bytes or less. It needs a burst of kMuch or
// kManyConnections.
constexpr std::size_t kLittle = std::size_t{256} * 1024, kMuch = std::size_t{1} << 20;
constexpr std::size_t kManyConnections = 64;

using Steady = std::chrono::steady_clock;

// True at most once in kComplaint, because events that an attacker can cause must not fill the log.
class Throttle {
 public:
  bool pass() {
    const Steady::time_point now = Steady::now();
    if (last_ && now - *last_ < kComplaint) return false;
    last_ = now;
    return true;
  }

 private:
  std::optional<Steady::time_point> last_;
};

}  // namespace

struct Server::State {
  State(Options o, Routes routes, Listener l)
      : options(std::move(o)), listener(std::move(l)), shared(options, std::move(routes)) {}

  void begin() {
    for (std::size_t i = 0; i < std::max<std::size_t>(options.threads, 1); ++i) {
      workers.push_back(std::make_unique<Worker>(shared));
    }
    acceptor = std::jthread([this](const std::stop_token& stop) { acceptAll(stop); });
  }

  void acceptAll(const std::stop_token& stop) {
    Throttle starving, full;
    std::size_t next = 0;
    std::uint64_t number = 0;
    Steady::time_point looked = Steady::now();
    while (!stop.stop_requested()) {
      if (shared.certificate && Steady::now() - looked >= options.reload) {
        refresh();
        looked = Steady::now();
      }
      Result<Accepted> connection =
          listener.accept(shared.certificate ? std::min(options.reload, kQuiet) : kNoLimit);
      if (!connection) {
        if (starving.pass()) {
          log::warn("cannot accept", {{"server", shared.name}, {"error", connection.error().message}});
        }
        listener.pause(kBackOff);
        continue;
      }
      giveBack();
      if (!connection->descriptor || !admit(connection->source, full)) continue;
      auto seat = std::make_shared<Seat>(++number, std::move(connection->source), *workers[next]);
      shared.seats.enter(seat);
      workers[next]->adopt(std::move(connection->descriptor), std::move(seat));
      next = (next + 1) % workers.size();
    }
  }

  // Counts the connection, or returns false: the caller then closes it.
  bool admit(const Source& source, Throttle& full) {
    const auto reached = [&](Limit limit, const char* name) {
      shared.meters.hit(limit);
      if (full.pass()) log::warn("connection limit reached", {{"server", shared.name}, {"limit", name}});
    };
    if (shared.seats.of(source) >= shared.limits.connectionsPerSource) {
      reached(Limit::Source, "connections of one source");
      makePlace(&source);
    } else if (shared.seats.size() >= shared.limits.connections) {
      reached(Limit::Connections, "connections");
      makePlace(nullptr);
    }
    // Evicted connections close shortly. Until then, further ones wait in the kernel's queue.
    std::unique_lock lock(shared.ended);
    const std::size_t most = shared.limits.connections + kLeaving;
    if (!shared.someEnded.wait_for(lock, kBackOff, [&] { return shared.connections < most; })) return false;
    const std::size_t number = ++shared.connections;
    shared.mostConnections = std::max(shared.mostConnections, number);
    shared.meters.connections(number);
    return true;
  }

  void makePlace(const Source* within) {
    if (const auto seat = shared.seats.evict(within)) seat->worker.evict(seat->number);
  }

  // Returns freed memory to the system once a burst of bodies or connections is over.
  void giveBack() {
    const Steady::time_point now = Steady::now();
    if (now - gaveBack < kQuiet || shared.bodies > kLittle ||
        shared.connections > shared.mostConnections / 2 ||
        (shared.mostBodies < kMuch && shared.mostConnections < kManyConnections))
      return;
    gaveBack = now;
    shared.mostBodies = 0;
    shared.mostConnections = shared.connections;
    if (options.afterBurst) options.afterBurst();
    releaseMemory();
  }

  void refresh() {
    const Result<bool> changed = shared.certificate->refresh();
    if (!changed) {
      log::error("certificate not reloaded", {{"server", shared.name}, {"error", changed.error().message}});
    } else if (*changed) {
      shared.meters.expiry(shared.certificate->notAfter());
      log::info("certificate reloaded",
                {{"server", shared.name}, {"notAfter", formatTime(shared.certificate->notAfter())}});
    }
  }

  void stopAccepting() {
    acceptor.request_stop();
    listener.wake();
    if (acceptor.joinable()) acceptor.join();
    listener.close();
  }

  const Options options;
  Listener listener;
  Shared shared;
  std::vector<std::unique_ptr<Worker>> workers;
  Steady::time_point gaveBack = Steady::now();
  std::jthread acceptor;
};

Result<std::unique_ptr<Server>> Server::start(Options options, Routes routes) {
  const Result<Address> address = parseAddress(options.listen);
  if (!address) return std::unexpected(address.error());
  std::unique_ptr<CertificateSource> certificate;
  if (options.tls) {
    Result<std::unique_ptr<CertificateSource>> opened = CertificateSource::open(*options.tls);
    if (!opened) return std::unexpected(opened.error());
    certificate = std::move(*opened);
  }
  Result<Listener> listener = Listener::open(*address);
  if (!listener) return std::unexpected(listener.error());

  auto state = std::make_unique<State>(std::move(options), std::move(routes), std::move(*listener));
  if (certificate) state->shared.meters.expiry(certificate->notAfter());
  state->shared.certificate = std::move(certificate);
  state->begin();
  std::unique_ptr<Server> server(new Server(std::move(state)));
  log::info("serving", {{"server", server->state_->shared.name}, {"address", server->address()}});
  return server;
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() {
  state_->stopAccepting();
  for (const auto& worker : state_->workers) worker->end();
  state_->shared.bench.settle();
  state_->workers.clear();
}

std::string Server::address() const { return formatAddress(state_->listener.address()); }

std::uint16_t Server::port() const { return state_->listener.address().port; }

Result<void> Server::certificate() const {
  if (!state_->shared.certificate) return {};
  return state_->shared.certificate->valid(systemClock().now());
}

std::string Server::chain() const {
  return state_->shared.certificate ? state_->shared.certificate->chain() : std::string();
}

std::size_t Server::connections() const { return state_->shared.connections; }

void Server::retire() { state_->shared.retiring = true; }

bool Server::drain(std::chrono::milliseconds deadline) {
  Shared& shared = state_->shared;
  shared.retiring = true;
  shared.draining = true;
  state_->stopAccepting();
  for (const auto& worker : state_->workers) worker->closeIdle();
  std::unique_lock lock(shared.ended);
  return shared.someEnded.wait_for(lock, deadline, [&] { return shared.connections == 0; });
}

}  // namespace errand::serve
