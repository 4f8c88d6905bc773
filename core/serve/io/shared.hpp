// The state that the threads of a server share.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "core/serve/io/bench.hpp"
#include "core/serve/io/meters.hpp"
#include "core/serve/io/seats.hpp"
#include "core/serve/io/spending.hpp"
#include "core/serve/server.hpp"

namespace errand::serve {

// More threads than cores, so that a short job need not wait for a long one: the kernel shares the cores
// among the threads.
inline constexpr std::size_t kBenchThreads = 8;

struct Shared {
  Shared(const Options& options, Routes table)
      : limits(options.limits),
        sample(options.accessLogSample),
        keepAlive(options.keepAlive),
        party(options.party),
        routes(std::move(table)),
        name(options.name),
        meters(options.name, routes) {}

  const Limits limits;
  const std::uint64_t sample;
  const bool keepAlive;
  const std::function<std::string_view(const Request&)> party;
  const Routes routes;
  const std::string name;
  const Meters meters;
  std::unique_ptr<CertificateSource> certificate;  // null for plain HTTP

  Seats seats;
  Spending spending;
  Bench bench{spending, kBenchThreads, limits.aloneBytes};
  std::atomic<bool> retiring = false;     // each answer closes its connection
  std::atomic<bool> draining = false;     // no connection waits for a further request
  std::atomic<std::size_t> bodies = 0;    // bytes of bodies in memory
  std::atomic<std::size_t> requests = 0;  // requests that wait for their handlers
  std::atomic<std::uint64_t> answered = 0;
  std::atomic<std::size_t> connections = 0;
  // The maxima since freed memory was last returned. Only the acceptor uses mostConnections.
  std::atomic<std::size_t> mostBodies = 0;
  std::size_t mostConnections = 0;
  std::mutex ended;
  std::condition_variable someEnded;
};

}  // namespace errand::serve
