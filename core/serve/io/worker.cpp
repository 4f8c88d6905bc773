#include <utility>  // before Asio, which lacks this include in Boost 1.74

#include "core/serve/io/worker.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <thread>
#include <unordered_map>

#include "core/base/log.hpp"
#include "core/serve/io/session.hpp"
#include "core/serve/io/thrown.hpp"

namespace errand::serve {
namespace {

namespace asio = boost::asio;

// Larger than a TLS record, and than a review of 10 KB with its header.
constexpr std::size_t kScratchBytes = std::size_t{32} * 1024;

// Returns the interval of checking deadlines: a tenth of the shortest one, within bounds.
std::chrono::milliseconds tickOf(const Limits& limits) {
  const auto shortest =
      std::min({limits.handshake, limits.header, limits.body, limits.write, limits.idle, limits.lingering});
  return std::clamp(shortest / 10, std::chrono::milliseconds{2}, std::chrono::milliseconds{200});
}

}  // namespace

struct Worker::Loop {
  explicit Loop(Shared& s) : shared(s), tick(tickOf(s.limits)), thread([this] { run(); }) {}

  void run() {
    while (true) {
      try {
        io.run();
        return;
      } catch (...) {
        log::error("I/O loop threw",
                   {{"server", shared.name}, {"exception", typeName(std::current_exception())}});
      }
    }
  }

  std::shared_ptr<Session> make(Descriptor& descriptor, std::shared_ptr<Seat> seat) {
    sockaddr_storage local{};
    socklen_t size = sizeof local;
    ::getsockname(descriptor.get(), reinterpret_cast<sockaddr*>(&local), &size);
    asio::ip::tcp::socket socket(io);
    socket.assign(local.ss_family == AF_INET6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), descriptor.get());
    descriptor.release();
    return std::make_shared<Session>(std::move(socket),
                                     shared.certificate ? shared.certificate->context() : nullptr, shared,
                                     std::move(seat), turns, std::span<char>(scratch));
  }

  void begin(Descriptor descriptor, std::shared_ptr<Seat> seat) {
    const std::uint64_t key = seat->number;
    std::shared_ptr<Session>& held = connections[key];
    try {
      held = make(descriptor, std::move(seat));
      asio::co_spawn(
          io, [session = held] { return session->run(); },
          [this, key](const std::exception_ptr& thrown) { end(key, thrown); });
    } catch (...) {
      return end(key, std::current_exception());
    }
    if (!sweeping) sweep();
  }

  // The timer runs only while there are connections, so that nothing wakes an idle server.
  void sweep() {
    sweeping = !connections.empty();
    if (!sweeping) return;
    timer.expires_after(tick);
    timer.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      const auto now = Session::Clock::now();
      for (const auto& [key, session] : connections) session->expire(now);
      sweep();
    });
  }

  void end(std::uint64_t key, const std::exception_ptr& thrown) {
    if (thrown) log::error("connection threw", {{"server", shared.name}, {"exception", typeName(thrown)}});
    shared.seats.leave(key);
    connections.erase(key);
    // Takes the lock: a drain would otherwise miss the change between its check and its wait.
    const std::lock_guard lock(shared.ended);
    shared.meters.connections(--shared.connections);
    shared.someEnded.notify_all();
  }

  Shared& shared;
  const std::chrono::milliseconds tick;
  std::array<char, kScratchBytes> scratch{};
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work = asio::make_work_guard(io);
  asio::steady_timer timer{io};
  Turns turns{io, shared.spending};
  bool sweeping = false;
  // Only the thread of the loop uses it, like all members above.
  std::unordered_map<std::uint64_t, std::shared_ptr<Session>> connections;
  std::jthread thread;
};

Worker::Worker(Shared& shared) : loop_(std::make_unique<Loop>(shared)) {}

Worker::~Worker() { end(); }

void Worker::end() {
  if (!loop_->thread.joinable()) return;
  asio::post(loop_->io, [loop = loop_.get()] {
    for (const auto& [key, session] : loop->connections) session->cut();
    loop->timer.cancel();
    loop->work.reset();
  });
  loop_->thread.join();
}

void Worker::adopt(Descriptor connection, std::shared_ptr<Seat> seat) {
  asio::post(loop_->io, [loop = loop_.get(), held = std::move(connection), its = std::move(seat)]() mutable {
    loop->begin(std::move(held), std::move(its));
  });
}

void Worker::evict(std::uint64_t number) {
  asio::post(loop_->io, [loop = loop_.get(), number] {
    const auto found = loop->connections.find(number);
    if (found == loop->connections.end()) return;
    loop->shared.meters.hit(Limit::Evicted);
    found->second->cut();
  });
}

void Worker::closeIdle() {
  asio::post(loop_->io, [loop = loop_.get()] {
    for (const auto& [key, session] : loop->connections) session->closeIdle();
  });
}

}  // namespace errand::serve
