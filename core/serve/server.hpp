// An HTTPS server (HTTP without a certificate) that stays up whatever it is
// sent: each phase of a connection has a bound in time and in size.
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

// HTTP/1.1 as RFC 9112 has it. What exceeds a size is answered 431 or 413; what
// exceeds a time is closed; what does not parse or could be framed in two ways is
// answered as RequestReader says. Each hit counts in errand_http_limit_hits_total.
struct Limits {
  std::size_t headerBytes = std::size_t{16} * 1024;
  std::size_t bodyBytes = std::size_t{7} * 1024 * 1024;
  // All bodies that are being read or answered. For a further byte, the largest body of the source that holds
  // most is cut; where that is this source, it is answered 503 with Retry-After, and its connection closed.
  std::size_t bodiesBytes = std::size_t{64} * 1024 * 1024;
  // Nobody is refused a further connection: what has been idle longest is cut, of the source that has most
  // (Seats::evict), or of its own source where that has as many as one may have.
  std::size_t connections = 1024;
  std::size_t connectionsPerSource = 256;  // by Source::address
  // That wait for their handlers. Of further ones, those are answered 429 with Retry-After whose network has
  // more than its equal share, and within it their address (Seats::asksTooMuch).
  std::size_t requests = 512;
  // A larger body is worked on by threads of their own, within `aloneBytes` of such bodies at once.
  std::size_t smallBytes = std::size_t{32} * 1024;
  std::size_t aloneBytes = std::size_t{8} * 1024 * 1024;

  std::chrono::milliseconds handshake{3'000};
  std::chrono::milliseconds header{5'000};  // whole, from its first byte; also the wait for a first request
  std::chrono::milliseconds body{5'000};    // whole
  std::chrono::milliseconds answer{4'000};  // while its handler says Later; 503 beyond
  std::chrono::milliseconds write{5'000};
  // Between two requests; longer than the API server keeps an idle connection (90 s), which else may write to
  // one that is just being closed.
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
  std::uint64_t accessLogSample = 0;  // log each that many-th answer; none with 0
  bool keepAlive = true;              // else a connection ends with its first answer
  // On whose behalf a client sends a request: CPU is shared among sources first, and among the parties of a
  // source then. Costs little; a view into the request. Where it is not given, a source is one party.
  std::function<std::string_view(const Request&)> party = {};
  std::function<void()> afterBurst =
      {};  // called before freed memory is given back, on a thread of the server's
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
