// An HTTPS server (HTTP without a certificate) that stays up for any input: each
// phase of a connection has a bound in time and in size.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/serve/routes.hpp"
#include "core/serve/tls.hpp"

namespace errand::serve {

// HTTP/1.1 (RFC 9112). The server answers 431 or 413 to a request over a size, and
// closes a connection over a time. RequestReader defines the answers to requests that
// do not parse or have ambiguous framing. Each hit counts in errand_http_limit_hits_total.
struct Limits {
  std::size_t headerBytes = std::size_t{16} * 1024;
  std::size_t bodyBytes = std::size_t{7} * 1024 * 1024;
  // All bodies that are being read or answered. If a further byte exceeds this, the server closes the
  // connection with the largest body of the source that holds most. If that is the same source, the server
  // answers 503 with Retry-After instead and closes the connection.
  std::size_t bodiesBytes = std::size_t{64} * 1024 * 1024;
  // A further connection is never refused. The server closes the longest idle connection of the source that
  // has most (Seats::evict), or of the same source if that is at its own limit.
  std::size_t connections = 1024;
  std::size_t connectionsPerSource = 256;  // by Source::address
  // Requests that wait for their handlers. Beyond this number, the server answers 429 with Retry-After if the
  // network has more than its equal share, and the address more than its share of that (Seats::asksTooMuch).
  std::size_t requests = 512;
  // Separate threads handle requests with a larger body, at most `aloneBytes` of such bodies at once.
  std::size_t smallBytes = std::size_t{32} * 1024;
  std::size_t aloneBytes = std::size_t{8} * 1024 * 1024;

  std::chrono::milliseconds handshake{3'000};
  std::chrono::milliseconds header{5'000};  // whole, from its first byte; also the wait for a first request
  std::chrono::milliseconds body{5'000};    // whole
  std::chrono::milliseconds answer{4'000};  // while its handler returns Later; then 503
  std::chrono::milliseconds write{5'000};
  // Between two requests. Longer than the API server keeps an idle connection (90 s): otherwise it may write
  // to one that this server is just closing.
  std::chrono::milliseconds idle{100'000};
  std::chrono::milliseconds lingering{1'000};             // to take what is still being sent, before closing
  std::size_t lingeringBytes = std::size_t{1024} * 1024;  // of it
};

struct Options {
  std::string name = "server";               // in logs
  std::string listen = "127.0.0.1:0";        // as parseAddress takes it
  std::optional<CertificateFiles> tls = {};  // plain HTTP without
  std::chrono::milliseconds reload{5'000};   // between looks at the certificate's files
  std::size_t threads = 2;
  Limits limits = {};
  std::uint64_t accessLogSample = 0;  // logs one of that many answers; 0 logs none
  bool keepAlive = true;              // else a connection ends with its first answer
  // Returns the party on whose behalf a client sends a request. The server shares CPU among sources first,
  // then among the parties of a source. The function must be cheap and return a view into the request.
  // Without it, a source is one party.
  std::function<std::string_view(const Request&)> party = {};
  std::function<void()> afterBurst =
      {};  // called before freed memory is given back, on a thread of the server's
};

class Server {
 public:
  // Starts serving. Invalid for a bad address, certificate or key, Unavailable if
  // the address is in use.
  static Result<std::unique_ptr<Server>> start(Options options, Routes routes);

  // Closes the connections that drain() has left.
  ~Server();

  // The listening address with the port that the kernel chose: 127.0.0.1:34567.
  std::string address() const;
  std::uint16_t port() const;

  // Succeeds if the certificate is valid now; always for plain HTTP.
  Result<void> certificate() const;

  // The certificates in use as PEM, the leaf first; empty for plain HTTP.
  std::string chain() const;

  std::size_t connections() const;

  // Continues to serve, and closes each connection after its next answer
  // (`Connection: close`). Use it until clients have switched to another server.
  void retire();

  // Accepts no more connections, closes idle ones, and answers requests in progress with
  // `Connection: close`. True if all ended within `deadline`.
  bool drain(std::chrono::milliseconds deadline);

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace errand::serve
