#include "core/serve/server.hpp"

#include <algorithm>
#include <thread>
#include <vector>

#include "core/base/log.hpp"
#include "core/serve/io/worker.hpp"
#include "core/serve/listener.hpp"

namespace errand::serve {
namespace {

constexpr std::chrono::milliseconds kBackOff{100};
constexpr std::chrono::milliseconds kNoLimit{-1};
constexpr std::chrono::seconds kComplaint{10};  // between two log lines of the same complaint

using Steady = std::chrono::steady_clock;

// True at most once in kComplaint: what an attacker triggers must not fill the log.
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
      Result<Accepted> connection = listener.accept(shared.certificate ? options.reload : kNoLimit);
      if (!connection) {
        if (starving.pass()) {
          log::warn("cannot accept", {{"server", shared.name}, {"error", connection.error().message}});
        }
        listener.pause(kBackOff);
        continue;
      }
      if (!connection->descriptor || !admit(*connection, full)) continue;
      shared.newcomers.enter(++number, *workers[next]);
      workers[next]->adopt(std::move(*connection), number);
      next = (next + 1) % workers.size();
    }
  }

  // Counts it, or leaves it to be closed.
  bool admit(const Accepted& connection, Throttle& full) {
    const auto reached = [&](const char* limit) {
      if (full.pass()) log::warn("connection limit reached", {{"server", shared.name}, {"limit", limit}});
    };
    // First, so that one source alone costs nobody else a connection.
    if (!shared.sources.enter(connection.source, shared.limits.connectionsPerSource)) {
      shared.meters.hit(Limit::Source);
      reached("connections of one source");
      return false;
    }
    if (shared.connections >= shared.limits.connections) {
      reached("connections");
      if (!makePlace()) {
        shared.sources.leave(connection.source);
        shared.meters.hit(Limit::Connections);
        return false;
      }
    }
    shared.meters.connections(++shared.connections);
    return true;
  }

  // Waits for the place, so that the limit holds at every moment; what comes
  // meanwhile waits in the kernel's queue.
  bool makePlace() {
    const auto oldest = shared.newcomers.oldest();
    if (!oldest) return false;
    oldest->second->evict(oldest->first);
    std::unique_lock lock(shared.ended);
    return shared.someEnded.wait_for(lock, kBackOff,
                                     [&] { return shared.connections < shared.limits.connections; });
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
