// The connections of a server as all its threads see them: who has how many, and who gives way to whom.
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
  // Since when it is of no use: it came, or was last answered 200. What it sends meanwhile counts for
  // nothing.
  std::atomic<Clock::time_point> idleSince = Clock::now();
  std::atomic<bool> asking = false;   // a whole request is being answered
  std::atomic<std::size_t> body = 0;  // bytes of a body that it holds
  std::atomic<bool> leaving = false;  // has been told to go, and counts no more
};

class Seats {
 public:
  void enter(const std::shared_ptr<Seat>& seat) { (*seats_.access())[seat->number] = seat; }
  void leave(std::uint64_t number) { seats_.access()->erase(number); }

  // Those that have not been told to go: all, and of an address.
  std::size_t size();
  std::size_t of(const Source& source);

  // Who makes way for a further connection, told so by Seat::leaving: of the network with most connections
  // the address with most, and of that what is idle longest. A connection with a request under way only where
  // all have one. `within` bounds the choice to one address. Null where there is none.
  std::shared_ptr<Seat> evict(const Source* within = nullptr);

  // Whether the bodies of those that stay have `most` bytes together. Where they have more, one makes way for
  // this seat's, likewise: of the network that holds most of them the address that does, and of that the
  // largest body; none where that is this seat's own address.
  struct Room {
    bool fits = false;
    std::shared_ptr<Seat> leaves = {};
  };
  Room roomFor(const Seat& seat, std::size_t most);

  // Whether an address has requests under way beyond its share of `most`: each network has an equal one, and
  // where that does not do, each address of it an equal part. Everybody may have one.
  bool asksTooMuch(const Source& source, std::size_t most);

 private:
  Guarded<std::unordered_map<std::uint64_t, std::shared_ptr<Seat>>> seats_;
};

}  // namespace errand::serve
