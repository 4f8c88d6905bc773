// The connections of a server, shared by its threads: counts per client, and the choice of one to evict.
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

struct Seat {
  using Clock = std::chrono::steady_clock;

  Seat(std::uint64_t n, Source s, Worker& w) : number(n), source(std::move(s)), worker(w) {}

  const std::uint64_t number;
  const Source source;
  Worker& worker;
  // The time of its arrival or of its last answer with 200. Bytes that it sends meanwhile do not count as
  // activity.
  std::atomic<Clock::time_point> idleSince = Clock::now();
  std::atomic<bool> asking = false;   // a whole request is being answered
  std::atomic<std::size_t> body = 0;  // bytes of a body that it holds
  std::atomic<bool> leaving = false;  // is being evicted, and no longer counts
};

class Seats {
 public:
  void enter(const std::shared_ptr<Seat>& seat) { (*seats_.access())[seat->number] = seat; }
  void leave(std::uint64_t number) { seats_.access()->erase(number); }

  // The number of seats that are not leaving: all, and those of an address.
  std::size_t size();
  std::size_t of(const Source& source);

  // Chooses the connection to evict for a further one, and sets its Seat::leaving. The choice prefers, in
  // this order: no request in progress, the network with most connections, the address with most, and the
  // longest idle time. `within` limits the choice to one address. Returns null if there is none.
  std::shared_ptr<Seat> evict(const Source* within = nullptr);

  // `fits` if the bodies of all seats that stay have at most `most` bytes together. If they have more, one
  // seat is chosen to leave: by the network that holds most, then the address, then the largest body. If
  // it has this seat's own address, no seat leaves and nothing fits.
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
