// One client connection, from its first byte to its last: reads, refuses and
// answers requests. Belongs to the thread of its worker.
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

  // `turns` and `scratch` are the thread's, the latter for bytes that are used up before the next wait.
  Session(boost::asio::ip::tcp::socket socket, TlsContext context, Shared& shared, std::shared_ptr<Seat> seat,
          Turns& turns, std::span<char> scratch);

  Awaitable<void> run();

  // Ends the phase whose time is over. Called from time to time.
  void expire(Clock::time_point now);
  // Ends the wait for a further request.
  void closeIdle();
  void cut();

 private:
  // Bounds all that follows until the next call: the deadline is not moved by progress.
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
  std::string pending_;  // read and not taken
  Clock::time_point deadline_ = Clock::time_point::max();
  Clock::time_point begun_;  // of the request
  Limit limit_ = Limit::Handshake;
  bool served_ = false;   // a request before this one
  bool idle_ = false;     // waits for a further request
  bool present_ = false;  // the client is there and waits for nothing more
  bool unread_ = false;   // the client may still be sending
};

}  // namespace errand::serve
