// One I/O thread of a server, with its connections. Only the .cpp includes Asio.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/serve/io/shared.hpp"
#include "core/serve/listener.hpp"

namespace errand::serve {

// Serves connections on one thread.
class Worker {
 public:
  explicit Worker(Shared& shared);
  ~Worker();

  // Closes every connection and waits for the thread. Jobs on the bench may still post to this object:
  // destroy it after Bench::settle().
  void end();

  // Serves the connection to its end. Count it in Shared::connections and Shared::seats first. Thread-safe.
  void adopt(Descriptor connection, std::shared_ptr<Seat> seat);

  // Closes the adopted connection, to free its place or the memory of its body. Thread-safe.
  void evict(std::uint64_t number);

  // Closes the connections that wait for a further request. Set Shared::draining first. Thread-safe.
  void closeIdle();

 private:
  struct Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace errand::serve
