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
  // Cuts every connection and waits for the thread.
  ~Worker();

  // Serves the connection, already counted in Shared::connections,
  // Shared::sources and Shared::newcomers, to its end. Safe from any thread.
  void adopt(Accepted connection, std::uint64_t number);

  // Cuts the adopted connection, unless it has been answered 200 by then. Safe from any thread.
  void evict(std::uint64_t number);

  // Closes the connections that wait for a further request; Shared::draining is
  // set before. Safe from any thread.
  void closeIdle();

 private:
  struct Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace errand::serve
