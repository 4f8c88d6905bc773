// One client connection, from its first byte to its last: reads, refuses and answers requests. Only the
// thread of its worker may use it.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <span>
#include <string>

#include "core/serve/http/reader.hpp"
#include "core/serve/io/shared.hpp"
#include "core/serve/io/stream.hpp"
#include "core/serve/io/turns.hpp"

namespace errand::serve {

class Session {
 public:
  using Clock = std::chrono::steady_clock;
  template <class T>
  using Awaitable = boost::asio::awaitable<T>;

  // All references and `scratch` must outlive the session. `turns` and `scratch` are shared by the sessions
  // of the thread. The content of `scratch` is only used until the next wait.
  Session(boost::asio::ip::tcp::socket socket, TlsContext context, Shared& shared, std::shared_ptr<Seat> seat,
          Turns& turns, std::span<char> scratch);

  // Serves the connection to its end.
  Awaitable<void> run();

  // Ends the current phase if its time is over. The worker calls it periodically.
  void expire(Clock::time_point now);
  // Closes the connection if it waits for a further request.
  void closeIdle();
  // Ends every wait of the connection at once, so that run() returns.
  void cut();

 private:
  // Begins a phase with this deadline. Progress does not move the deadline.
  void within(std::chrono::milliseconds time, Limit limit);

  Awaitable<bool> exchange();
  Awaitable<bool> firstByte();
  Awaitable<bool> readHeader(RequestReader& reader);
  Awaitable<bool> answer(RequestReader& reader, const Route& route);
  Awaitable<Response> ask(const Route& route, const RequestReader& reader);
  Awaitable<void> pause(std::chrono::milliseconds after);
  Awaitable<Answer> inTurn(const Route& route, const Request& request, std::chrono::milliseconds waited,
                           const Payer& payer);
  Awaitable<Answer> aside(const Route& route, const Request& request, std::chrono::milliseconds waited,
                          const Payer& payer);
  Answer call(const Route& route, const Request& request, std::chrono::milliseconds waited) const;
  Awaitable<bool> refuse(Response refusal, const Route* route);
  Awaitable<bool> send(const Response& response, bool keep, bool headOnly, const Route* route);
  void note(const Route* route, const Response& response) const;
  void feed(RequestReader& reader, std::span<const char> more);

  Shared& shared_;
  const std::shared_ptr<Seat> seat_;
  Turns& turns_;
  boost::asio::steady_timer timer_;
  Stream stream_;
  const std::span<char> scratch_;
  std::string pending_;  // read from the socket, and not yet consumed
  Clock::time_point deadline_ = Clock::time_point::max();
  Clock::time_point begun_;  // of the request
  Limit limit_ = Limit::Handshake;
  bool served_ = false;   // has answered a request
  bool idle_ = false;     // waits for a further request
  bool present_ = false;  // the client is connected and waits for no answer
  bool unread_ = false;   // the client may still be sending
};

}  // namespace errand::serve
