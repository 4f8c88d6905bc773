// One I/O thread of a server with its connections. Beast and Asio stay in its .cpp.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>

#include "core/serve/listener.hpp"
#include "core/serve/server.hpp"

namespace errand::serve {

// What the threads of a server share.
struct Shared {
  Limits limits;
  Routes routes;
  std::string name;
  std::unique_ptr<CertificateSource> certificate;  // null for plain HTTP

  std::atomic<bool> retiring = false;   // each answer ends its connection
  std::atomic<bool> draining = false;   // no connection waits for a further request
  std::atomic<std::size_t> bodies = 0;  // bytes of bodies in memory
  std::atomic<std::size_t> connections = 0;
  std::mutex ended;
  std::condition_variable someEnded;
};

class Worker {
 public:
  explicit Worker(Shared& shared);
  // Cuts every connection and waits for the thread.
  ~Worker();

  // Serves the connection, already counted in Shared::connections, to its end.
  // Safe from any thread.
  void adopt(Descriptor connection);

  // Closes the connections that wait for a further request; Shared::draining is
  // set before. Safe from any thread.
  void closeIdle();

 private:
  struct Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace errand::serve
