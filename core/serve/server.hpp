// An HTTPS server (HTTP without a certificate) that survives any input: each phase of a connection has limits
// of time and size.
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

// The limits of HTTP/1.1 requests (RFC 9112). The server answers 431 or 413 to a request over a size, and
// closes a connection over a time. RequestReader defines the answers to requests that do not parse or have
// ambiguous framing. Each exceeded limit counts in errand_http_limit_hits_total.
struct Limits {
  std::size_t headerBytes = std::size_t{16} * 1024;
  std::size_t bodyBytes = std::size_t{7} * 1024 * 1024;
  // All bodies that are being read or answered, together. If a further byte exceeds this, the server closes
  // the connection with the largest body of the source that holds most. If the byte is from that source, the
  // server answers 503 with Retry-After and closes its connection instead.
  std::size_t bodiesBytes = std::size_t{64} * 1024 * 1024;
  // A further connection is never refused. The server closes the longest idle connection of the source that
  // has most (Seats::evict). If the source of the further connection is at its own limit, the server closes
  // one of that source.
  std::size_t connections = 1024;
  std::size_t connectionsPerSource = 256;  // by Source::address
  // Requests that wait for their handlers. Above this number, the server answers 429 with Retry-After
  // to a client over its share: its network over an equal share, and its address over its share of
  // that network (Seats::asksTooMuch).
  std::size_t requests = 512;
  // Separate threads handle requests with a body larger than `smallBytes`, at most `aloneBytes` of such
  // bodies at once.
  std::size_t smallBytes = std::size_t{32} * 1024;
  std::size_t aloneBytes = std::size_t{8} * 1024 * 1024;

  std::chrono::milliseconds handshake{3'000};
  // The whole header, from its first byte. Also the wait for a first request.
  std::chrono::milliseconds header{5'000};
  std::chrono::milliseconds body{5'000};    // the whole body
  std::chrono::milliseconds answer{4'000};  // while the handler returns Later; then the server answers 503
  std::chrono::milliseconds write{5'000};
  // The wait between two requests. It is longer than the API server keeps an idle connection (90 s).
  // Otherwise the API server could write to a connection that this server is closing.
  std::chrono::milliseconds idle{100'000};
  std::chrono::milliseconds lingering{1'000};  // to read what the client still sends, before closing
  std::size_t lingeringBytes = std::size_t{1024} * 1024;  // the most bytes of that
};

// The configuration of a server.
struct Options {
  std::string name = "server";               // in logs
  std::string listen = "127.0.0.1:0";        // the form of parseAddress()
  std::optional<CertificateFiles> tls = {};  // nullopt means plain HTTP
  std::chrono::milliseconds reload{5'000};   // interval of checking the certificate's files
  std::size_t threads = 2;
  Limits limits = {};
  std::uint64_t accessLogSample = 0;  // logs one of that many answers; 0 logs none
  bool keepAlive = true;              // if false, a connection ends after its first answer
  // Returns the party on whose behalf a client sends a request. The server shares CPU among sources first,
  // then among the parties of a source. The function must be cheap and return a view into the request.
  // Without it, each source is one party.
  std::function<std::string_view(const Request&)> party = {};
  // The server calls it on one of its threads before it returns freed memory to the system.
  std::function<void()> afterBurst = {};
};

// A running server. The destructor stops it.
class Server {
 public:
  // Starts the server. Fails with Invalid for a bad address, certificate or key, and with Unavailable if the
  // address is in use.
  static Result<std::unique_ptr<Server>> start(Options options, Routes routes);

  // Closes the connections that drain() has not ended.
  ~Server();

  // Returns the listening address with the port that the kernel chose: 127.0.0.1:34567.
  std::string address() const;
  std::uint16_t port() const;

  // Succeeds if the certificate is valid at this moment, and always for plain HTTP.
  Result<void> certificate() const;

  // Returns the certificates in use as PEM, the leaf first; empty for plain HTTP.
  std::string chain() const;

  std::size_t connections() const;

  // Closes each connection after its next answer (`Connection: close`), and accepts further connections. Call
  // it when another server takes over.
  void retire();

  // Accepts no more connections, closes idle ones, and answers requests in progress with `Connection: close`.
  // Returns true if all connections ended within `deadline`.
  bool drain(std::chrono::milliseconds deadline);

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace errand::serve
