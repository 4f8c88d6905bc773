// Orders the requests that wait on one I/O thread: the payer that has used the least CPU is first. The order
// of sockets would favour the client with the most connections.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <vector>

#include "core/serve/io/spending.hpp"

namespace errand::serve {

class Turns {
 public:
  // Both arguments must outlive this object. Only the thread of `io` may use it.
  Turns(boost::asio::io_context& io, Spending& spending) : io_(io), spending_(spending) {}

  // Waits for the payer's turn, or until `bell` is cancelled. Do not use `bell` for anything else during the
  // call. Both arguments must outlive the call.
  boost::asio::awaitable<void> await(boost::asio::steady_timer& bell, const Payer& payer);

 private:
  struct Waiting {
    boost::asio::steady_timer* bell;
    const Payer* payer;
  };
  void next();

  boost::asio::io_context& io_;
  Spending& spending_;
  std::vector<Waiting> waiting_;
  bool calling_ = false;
};

}  // namespace errand::serve
