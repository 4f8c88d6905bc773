// One I/O thread of a server with its connections. Asio stays in its .cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/serve/io/shared.hpp"
#include "core/serve/listener.hpp"

namespace errand::serve {

class Worker {
 public:
  explicit Worker(Shared& shared);
  ~Worker();

  // Cuts every connection and waits for the thread. What is on the bench may still speak to this object.
  void end();

  // Serves the connection, already counted in Shared::connections and
  // Shared::seats, to its end. Safe from any thread.
  void adopt(Descriptor connection, std::shared_ptr<Seat> seat);

  // Cuts the adopted connection, for the place or the bytes that it takes. Safe from any thread.
  void evict(std::uint64_t number);

  // Closes the connections that wait for a further request; Shared::draining is
  // set before. Safe from any thread.
  void closeIdle();

 private:
  struct Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace errand::serve
