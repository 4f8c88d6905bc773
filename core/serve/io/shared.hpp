// What the threads of a server share.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "core/base/guarded.hpp"
#include "core/serve/io/meters.hpp"
#include "core/serve/server.hpp"

namespace errand::serve {

// Connections by where they come from.
class Sources {
 public:
  // Counts one more, unless there are `most`.
  bool enter(const std::string& source, std::size_t most) {
    const auto counts = counts_.access();
    std::size_t& count = (*counts)[source];
    if (count >= most) return false;
    ++count;
    return true;
  }

  void leave(const std::string& source) {
    const auto counts = counts_.access();
    const auto found = counts->find(source);
    if (found != counts->end() && --found->second == 0) counts->erase(found);
  }

 private:
  Guarded<std::unordered_map<std::string, std::size_t>> counts_;
};

class Worker;

// Connections that have not been answered 200 yet: where all places are taken,
// the oldest of them makes way.
class Newcomers {
 public:
  // Numbers grow from one connection to the next.
  void enter(std::uint64_t number, Worker& worker) { (*workers_.access())[number] = &worker; }

  // False where it has left before.
  bool leave(std::uint64_t number) { return workers_.access()->erase(number) != 0; }

  std::optional<std::pair<std::uint64_t, Worker*>> oldest() {
    const auto workers = workers_.access();
    if (workers->empty()) return std::nullopt;
    return *workers->begin();
  }

 private:
  Guarded<std::map<std::uint64_t, Worker*>> workers_;
};

struct Shared {
  Shared(const Options& options, Routes table)
      : limits(options.limits),
        sample(options.accessLogSample),
        routes(std::move(table)),
        name(options.name),
        meters(options.name, routes) {}

  const Limits limits;
  const std::uint64_t sample;
  const Routes routes;
  const std::string name;
  const Meters meters;
  std::unique_ptr<CertificateSource> certificate;  // null for plain HTTP

  Sources sources;
  Newcomers newcomers;
  std::atomic<bool> retiring = false;     // each answer ends its connection
  std::atomic<bool> draining = false;     // no connection waits for a further request
  std::atomic<std::size_t> bodies = 0;    // bytes of bodies in memory
  std::atomic<std::size_t> requests = 0;  // that wait for their handlers
  std::atomic<std::uint64_t> answered = 0;
  std::atomic<std::size_t> connections = 0;
  std::mutex ended;
  std::condition_variable someEnded;
};

}  // namespace errand::serve
