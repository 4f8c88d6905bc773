// An HTTPS server (HTTP without a certificate) that stays up whatever it is
// sent: each phase of a connection has a bound in time and in size.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/serve/routes.hpp"
#include "core/serve/tls.hpp"

namespace errand::serve {

// HTTP/1.1 as RFC 9112 has it. What exceeds a size is answered 431 or 413; what
// exceeds a time is closed; what does not parse or could be framed in two ways is
// answered as RequestReader says. Each hit counts in errand_http_limit_hits_total.
struct Limits {
  std::size_t headerBytes = std::size_t{16} * 1024;
  std::size_t bodyBytes = std::size_t{7} * 1024 * 1024;
  // All bodies that are being read or answered; a further byte is answered 503
  // with Retry-After, and its connection closed.
  std::size_t bodiesBytes = std::size_t{64} * 1024 * 1024;
  // For a further one, the oldest that has not been answered 200 yet is cut;
  // where all have been, the further one is closed at once.
  std::size_t connections = 1024;
  std::size_t connectionsPerSource = 256;  // by Accepted::source; further ones are closed at once
  std::size_t requests = 512;  // that wait for their handlers; further ones are answered 429 with Retry-After

  std::chrono::milliseconds handshake{3'000};
  std::chrono::milliseconds header{5'000};  // whole, from its first byte; also the wait for a first request
  std::chrono::milliseconds body{5'000};    // whole
  std::chrono::milliseconds answer{4'000};  // while its handler says Later; 503 beyond
  std::chrono::milliseconds write{5'000};
  std::chrono::milliseconds idle{
      90'000};  // between requests; longer than the API server's own 90 s is no use
  std::chrono::milliseconds farewell{1'000};             // to take what is still being sent, before closing
  std::size_t farewellBytes = std::size_t{1024} * 1024;  // of it
};

struct Options {
  std::string name = "server";               // in logs
  std::string listen = "127.0.0.1:0";        // as parseAddress takes it
  std::optional<CertificateFiles> tls = {};  // plain HTTP without
  std::chrono::milliseconds reload{5'000};   // between looks at the certificate's files
  std::size_t threads = 2;
  Limits limits = {};
  std::uint64_t accessLogSample = 0;  // log each that many-th answer; none with 0
};

class Server {
 public:
  // Serves from here on. Invalid for a bad address, certificate or key,
  // Unavailable where the address is taken.
  static Result<std::unique_ptr<Server>> start(Options options, Routes routes);

  // Cuts what drain() has left.
  ~Server();

  // What is listened on, with the port that the kernel chose: 127.0.0.1:34567.
  std::string address() const;
  std::uint16_t port() const;

  // Whether clients can accept the certificate now; always, for plain HTTP.
  Result<void> certificate() const;

  // The certificates in use as PEM, the leaf first; empty for plain HTTP.
  std::string chain() const;

  std::size_t connections() const;

  // Serves on, and closes each connection after its next answer (`Connection:
  // close`): for the time until clients have seen that another server is to be asked.
  void retire();

  // Takes no more connections, closes idle ones, answers what is under way with
  // `Connection: close`. True if all ended within `deadline`.
  bool drain(std::chrono::milliseconds deadline);

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace errand::serve
