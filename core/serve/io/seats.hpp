// The connections of a server, shared by its threads: counts for each client, and the choice of an eviction.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>

#include "core/base/guarded.hpp"
#include "core/serve/listener.hpp"

namespace errand::serve {

class Worker;

// One connection, as the other threads see it.
struct Seat {
  using Clock = std::chrono::steady_clock;

  Seat(std::uint64_t n, Source s, Worker& w) : number(n), source(std::move(s)), worker(w) {}

  const std::uint64_t number;
  const Source source;
  Worker& worker;
  // The time of the connection's arrival, or of its last answer with 200. Bytes that it sends do not
  // count as activity.
  std::atomic<Clock::time_point> idleSince = Clock::now();
  std::atomic<bool> asking = false;   // a complete request is being answered
  std::atomic<std::size_t> body = 0;  // bytes of its request's body in memory
  std::atomic<bool> leaving = false;  // is being evicted, and does not count
};

// The connections of all clients. Safe to use from several threads.
class Seats {
 public:
  void enter(const std::shared_ptr<Seat>& seat) { (*seats_.access())[seat->number] = seat; }
  void leave(std::uint64_t number) { seats_.access()->erase(number); }

  // Return the number of seats that are not leaving: of all clients, and of one address.
  std::size_t size();
  std::size_t of(const Source& source);

  // Chooses a connection to evict so that another can be accepted, and sets its Seat::leaving. The choice
  // prefers, in this order: no request in progress, the network with most connections, the address with most,
  // the longest idle time. `within` limits the choice to one address. Returns null if there is none.
  std::shared_ptr<Seat> evict(const Source* within = nullptr);

  // Makes room for the body of `seat`, if all bodies together have more than `most` bytes: chooses the seat
  // of the network with most bytes, then of the address with most, then with the largest body, and sets its
  // Seat::leaving. If that seat has the address of `seat`, no seat leaves and `fits` is false.
  struct Room {
    bool fits = false;
    std::shared_ptr<Seat> leaves = {};
  };
  Room roomFor(const Seat& seat, std::size_t most);

  // True if an address has more requests in progress than its share of `most`. Networks share equally. Within
  // a network over its share, addresses share equally. Every address may have one request.
  bool asksTooMuch(const Source& source, std::size_t most);

 private:
  Guarded<std::unordered_map<std::uint64_t, std::shared_ptr<Seat>>> seats_;
};

}  // namespace errand::serve
