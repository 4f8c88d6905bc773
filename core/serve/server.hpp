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

// The limits of HTTP/1.1 requests (RFC 9112). A request over a size gets the answer that RequestReader
// defines (431, 413 or 411). A connection over a time is closed, except for `answer`. Each exceeded limit
// counts in errand_http_limit_hits_total.
struct Limits {
  std::size_t headerBytes = std::size_t{16} * 1024;
  std::size_t bodyBytes = std::size_t{7} * 1024 * 1024;
  // All bodies in memory together. Above this, the server closes the connection with the largest body of the
  // source with most bytes. If the body that arrives is from that source, it answers 503 with Retry-After and
  // closes that connection instead (Seats::roomFor).
  std::size_t bodiesBytes = std::size_t{64} * 1024 * 1024;
  // Above this, the server accepts another connection and closes the longest idle one of the source that has
  // most (Seats::evict). If a source is at its own limit, the server closes one of that source.
  std::size_t connections = 1024;
  std::size_t connectionsPerSource = 256;  // by Source::address
  // Requests whose handler has not answered. Above this, the server answers 429 with Retry-After to a client
  // over its share: its network over an equal share, and its address over its share of that network
  // (Seats::asksTooMuch).
  std::size_t requests = 512;
  // Separate threads handle requests with a body larger than `smallBytes`, at most `aloneBytes` of such
  // bodies at once.
  std::size_t smallBytes = std::size_t{32} * 1024;
  std::size_t aloneBytes = std::size_t{8} * 1024 * 1024;

  std::chrono::milliseconds handshake{3'000};
  // The whole header, from its first byte. Also the wait for the first request of a connection.
  std::chrono::milliseconds header{5'000};
  std::chrono::milliseconds body{5'000};    // the whole body
  std::chrono::milliseconds answer{4'000};  // waiting for a thread, or by Later; then the server answers 503
  std::chrono::milliseconds write{5'000};
  // The wait between two requests. It is longer than the API server keeps an idle connection (90 s).
  // Otherwise the API server could write to a connection that this server is closing.
  std::chrono::milliseconds idle{100'000};
  // After an answer to a request that was not read to its end, how long and how much to read and discard.
  std::chrono::milliseconds lingering{1'000};
  std::size_t lingeringBytes = std::size_t{1024} * 1024;
};

// The configuration of a server.
struct Options {
  std::string name = "server";               // in logs, and the label `server` of metrics
  std::string listen = "127.0.0.1:0";        // the form of parseAddress()
  std::optional<CertificateFiles> tls = {};  // nullopt means plain HTTP
  std::chrono::milliseconds reload{5'000};   // interval of checking the certificate's files
  std::size_t threads = 2;
  Limits limits = {};
  std::uint64_t accessLogSample = 0;  // logs one of that many answers; 0 logs none
  bool keepAlive = true;              // if false, a connection ends after its first answer
  // Returns the party for which a client sends a request. The server shares CPU among sources first, then
  // among the parties of a source. The function must be cheap and return a view into the request. Without it,
  // each source is one party.
  std::function<std::string_view(const Request&)> party = {};
  // The server calls it on one of its threads before it returns freed memory to the system.
  std::function<void()> afterBurst = {};
};

// A running server. Safe to use from several threads, except drain() and the destructor.
class Server {
 public:
  // Starts the server. Fails with Invalid for a bad address, certificate or key, with NotFound if a file of
  // the certificate is missing, and with Unavailable if the address is in use.
  static Result<std::unique_ptr<Server>> start(Options options, Routes routes);

  // Stops the server: closes the connections that drain() has not ended, and waits for running handlers.
  ~Server();

  // Returns the listening address with the port that the kernel chose: 127.0.0.1:34567.
  std::string address() const;
  std::uint16_t port() const;

  // Succeeds if the certificate is valid at this moment, and always for plain HTTP. Fails with Invalid.
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
