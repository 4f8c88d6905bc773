#include "core/kube/http/rest_transport.hpp"

#include <arpa/inet.h>

// Boost 1.74 uses std::exchange without including this.
#include <utility>

// Without this, cpprestsdk defines a macro U, which other headers use as a template parameter.
#define _TURN_OFF_PLATFORM_STRING
#include <cpprest/http_client.h>
#include <cpprest/producerconsumerstream.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pplx/threadpool.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "core/base/guarded.hpp"
#include "core/kube/auth/credentials.hpp"
#include "core/kube/http/measured.hpp"
#include "core/kube/http/slots.hpp"

namespace errand::kube {
namespace {

namespace http = web::http;
using Deadline = std::chrono::steady_clock::time_point;

constexpr size_t kPoolThreads = 2;
constexpr Millis kCallIdle{60'000};
constexpr size_t kChunk = 64 * 1024;

void startPool() {
  static std::once_flag once;
  std::call_once(once, [] {
    try {
      crossplat::threadpool::initialize_with_threads(kPoolThreads);
    } catch (const std::exception&) {
      // The pool already runs, with a size that other code chose.
    }
  });
}

// Hides the system's roots from OpenSSL. cpprestsdk makes OpenSSL read them for each connection, before the
// configuration's authorities replace them. That takes some 20 ms of CPU and 0.4 MB, and an operator opens
// seven watches for each namespace. A configuration without authorities trusts the system's roots and does
// not call this.
// Sets the environment only once, because a thread of the pool may read it later.
void findNoSystemRoots() {
  static std::once_flag once;
  std::call_once(once, [] {
    setenv("SSL_CERT_FILE", "/dev/null", 1);
    setenv("SSL_CERT_DIR", "/dev/null", 1);
  });
}

Error toError(const std::exception& e) {
  if (const auto* failure = dynamic_cast<const http::http_exception*>(&e);
      failure != nullptr && failure->error_code() == std::errc::timed_out)
    return Error{ErrorKind::Timeout, "no answer from the API server in time"};
  const std::string_view what = e.what();
  if (what.find("rewind") != std::string_view::npos)
    return Error{ErrorKind::Unavailable, "the API server closed the connection before it answered a write"};
  const std::string_view wayOut =
      what.find("SSL handshake") == std::string_view::npos
          ? ""
          : ": check the certificate authority, the server's name and the client certificate";
  return Error{ErrorKind::Unavailable,
               fmt::format("the connection to the API server failed: {}{}", what, wayOut)};
}

// Returns the value of a task, or the error. The continuation takes the task instead of the value: cpprestsdk
// ends the process for an exception that no code observes.
template <class T>
Result<T> settled(const pplx::task<T>& task) {
  try {
    return task.get();
  } catch (const std::exception& e) {
    return std::unexpected(toError(e));
  }
}

// Waits for the task. On a stop or at the deadline, cancels the task without waiting for its end. So the task
// must own the data that it uses.
template <class T>
Result<T> await(const pplx::task<T>& task, pplx::cancellation_token_source& cancel,
                const std::stop_token& stop, Deadline deadline) {
  struct Shared {
    std::mutex mutex;
    std::condition_variable_any settled;
    std::optional<Result<T>> result;
  };
  const auto shared = std::make_shared<Shared>();
  task.then([shared](const pplx::task<T>& done) {
    auto result = settled(done);
    const std::lock_guard lock(shared->mutex);
    shared->result.emplace(std::move(result));
    shared->settled.notify_all();
  });
  std::unique_lock lock(shared->mutex);
  if (shared->settled.wait_until(lock, stop, deadline, [&] { return shared->result.has_value(); }))
    return std::move(*shared->result);
  lock.unlock();
  cancel.cancel();
  if (stop.stop_requested()) return fail(ErrorKind::Cancelled, "stopped while waiting for the API server");
  return fail(ErrorKind::Timeout, "no answer from the API server in time");
}

Millis retryAfter(const http::http_headers& headers) {
  const auto it = headers.find(http::header_names::retry_after);
  int seconds = 0;
  if (it == headers.end()) return Millis{0};
  std::from_chars(it->second.data(), it->second.data() + it->second.size(), seconds);
  return Seconds{std::clamp(seconds, 0, 3600)};
}

// Lets the kernel detect a vanished server within half a minute. cpprestsdk calls this before it opens a
// socket, and offers no later hook for a watch. So this opens the socket, for which it needs the address
// family. The family is known only for an IPv4 literal.
void keepAlive(boost::asio::ip::tcp::socket& socket, bool ipv4) {
  boost::system::error_code ignored;
  if (!socket.is_open() && ipv4) socket.open(boost::asio::ip::tcp::v4(), ignored);
  if (!socket.is_open()) return;
  const auto set = [fd = socket.native_handle()](int level, int option, int value) {
    setsockopt(fd, level, option, &value, sizeof value);
  };
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 15);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 5);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, 30'000);
}

bool isIpv4(const std::string& host) {
  in_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1;
}

http::method methodOf(Method method) { return std::string(toString(method)); }

class RestTransport final : public Transport {
 public:
  RestTransport(const Config& config, std::unique_ptr<Credentials> credentials, RestOptions options)
      : server_(config.server),
        tlsServerName_(config.tlsServerName),
        impersonateUser_(config.impersonateUser),
        verify_(!config.insecureSkipTlsVerify),
        watchIdle_(options.watchIdle),
        callTimeout_(options.callTimeout),
        credentials_(std::move(credentials)),
        slots_(options.concurrentCalls) {}

  Result<Response> call(const Request& request, std::stop_token stop) override {
    const Deadline deadline = std::chrono::steady_clock::now() + callTimeout_.value_or(request.timeout);
    const Slots::Held slot = slots_.acquire(stop, deadline);
    // If the process was suspended, it may get a slot after its deadline.
    if (!slot || std::chrono::steady_clock::now() >= deadline)
      return stop.stop_requested() ? fail(ErrorKind::Cancelled, "stopped while waiting for a free connection")
                                   : fail(ErrorKind::Timeout, "no free connection in time");
    return guarded([&]() -> Result<Response> {
      pplx::cancellation_token_source cancel;
      auto who =
          request.bearer.empty() ? credentials_->get(stop, deadline) : credentials_->ofToken(request.bearer);
      if (!who) return std::unexpected(std::move(who.error()));
      std::optional<http::client::http_client> own;
      if (request.freshConnection || !request.bearer.empty())
        own.emplace(server_, clientConfig(who->tls, kCallIdle));
      const auto clients = own ? nullptr : clientsOf(who->tls);
      auto head = send(own ? *own : clients->calls, who->authorization, request, cancel, stop, deadline);
      if (!head) return std::unexpected(std::move(head.error()));
      return whole(*head, cancel, stop, deadline);
    });
  }

  Result<Response> stream(const Request& request, const Sink& sink, std::stop_token stop) override {
    const Deadline deadline = std::chrono::steady_clock::now() + request.timeout;
    return guarded([&]() -> Result<Response> {
      pplx::cancellation_token_source cancel;
      auto who = credentials_->get(stop, deadline);
      if (!who) return std::unexpected(std::move(who.error()));
      const auto clients = clientsOf(who->tls);
      auto head = send(clients->watches, who->authorization, request, cancel, stop, deadline);
      if (!head) return std::unexpected(std::move(head.error()));
      if (head->status_code() != http::status_codes::OK) return whole(*head, cancel, stop, deadline);
      return drain(*head, sink, cancel, stop, deadline);
    });
  }

 private:
  using Tls = std::shared_ptr<const TlsMaterial>;

  // A client's connections use one client certificate, so another certificate needs other clients.
  struct Clients {
    Tls tls;
    http::client::http_client calls, watches;
  };

  std::shared_ptr<Clients> clientsOf(const Tls& tls) {
    const auto clients = clients_.access();
    if (*clients == nullptr || (*clients)->tls != tls)
      *clients = std::make_shared<Clients>(
          Clients{tls, {server_, clientConfig(tls, kCallIdle)}, {server_, clientConfig(tls, watchIdle_)}});
    return *clients;
  }

  http::client::http_client_config clientConfig(const Tls& tls, Millis idle) const {
    http::client::http_client_config config;
    config.set_validate_certificates(verify_);
    config.set_timeout(idle);
    config.set_max_redirects(0);  // a redirect would carry the bearer token to another origin
    config.set_ssl_context_callback(
        [tls](boost::asio::ssl::context& context) { tls->applyTo(context.native_handle()); });
    const bool ipv4 = isIpv4(server_.host());
    config.set_nativehandle_options([ipv4](http::client::native_handle handle) {
      using Stream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>;
      keepAlive(static_cast<Stream*>(handle)->next_layer(), ipv4);
    });
    return config;
  }

  template <class F>
  static Result<Response> guarded(F&& f) {
    try {
      return f();
    } catch (const std::exception& e) {
      return std::unexpected(toError(e));
    }
  }

  Result<http::http_response> send(http::client::http_client& client, const Sensitive& authorization,
                                   const Request& request, pplx::cancellation_token_source& cancel,
                                   const std::stop_token& stop, Deadline deadline) {
    auto target = encodeTarget(request);
    if (!target) return std::unexpected(std::move(target.error()));
    http::http_request message(methodOf(request.method));
    message.set_request_uri(web::uri(*target));
    message.headers().add(http::header_names::accept, request.accept);
    message.headers().add(http::header_names::user_agent, "errand");
    // cpprestsdk uses the Host header as the TLS server name and verifies that name.
    if (!tlsServerName_.empty()) message.headers().add(http::header_names::host, tlsServerName_);
    if (request.freshConnection || !request.bearer.empty())
      message.headers().add(http::header_names::connection, "close");
    if (!authorization.empty())
      message.headers().add(http::header_names::authorization, std::string(authorization.reveal()));
    if (!impersonateUser_.empty()) message.headers().add("Impersonate-User", impersonateUser_);
    if (!request.body.empty()) addBody(message, request);
    auto response = await(client.request(message, cancel.get_token()), cancel, stop, deadline);
    if (response && response->status_code() == http::status_codes::Unauthorized && request.bearer.empty())
      credentials_->refused();
    return response;
  }

  // The stream cannot seek. Otherwise cpprestsdk would silently send a write a second time when a reused
  // connection breaks.
  static void addBody(http::http_request& message, const Request& request) {
    const std::string_view body = request.body.reveal();
    concurrency::streams::producer_consumer_buffer<std::uint8_t> buffer;
    buffer.putn_nocopy(reinterpret_cast<const std::uint8_t*>(body.data()), body.size()).wait();
    buffer.close(std::ios_base::out).wait();
    message.set_body(buffer.create_istream(), body.size(), request.contentType);
  }

  static Result<Response> whole(http::http_response& head, pplx::cancellation_token_source& cancel,
                                const std::stop_token& stop, Deadline deadline) {
    auto bytes = await(head.extract_vector(), cancel, stop, deadline);
    if (!bytes) return std::unexpected(std::move(bytes.error()));
    Response out;
    out.status = head.status_code();
    out.retryAfter = retryAfter(head.headers());
    out.body = Sensitive(std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size()));
    std::ranges::fill(*bytes, std::uint8_t{0});
    return out;
  }

  // Reads all bytes that have arrived, and waits only for the next one.
  static Result<Response> drain(const http::http_response& head, const Sink& sink,
                                pplx::cancellation_token_source& cancel, const std::stop_token& stop,
                                Deadline deadline) {
    auto buffer = head.body().streambuf();
    std::vector<std::uint8_t> chunk(kChunk);
    Response out;
    out.status = head.status_code();
    for (;;) {
      const auto next = await(buffer.getc(), cancel, stop, deadline);
      if (!next) return std::unexpected(next.error());
      if (*next == concurrency::streams::char_traits<std::uint8_t>::eof()) return out;
      const size_t ready = std::min(buffer.in_avail(), chunk.size());
      const size_t n = buffer.getn(chunk.data(), std::max<size_t>(ready, 1)).get();
      if (!sink(std::string_view(reinterpret_cast<const char*>(chunk.data()), n))) {
        cancel.cancel();
        return out;
      }
    }
  }

  const web::uri server_;
  const std::string tlsServerName_, impersonateUser_;
  const bool verify_;
  const Millis watchIdle_;
  const std::optional<Millis> callTimeout_;
  const std::unique_ptr<Credentials> credentials_;
  Guarded<std::shared_ptr<Clients>> clients_;
  Slots slots_;
};

}  // namespace

Result<std::unique_ptr<Transport>> makeRestTransport(Config config, RestOptions options, const Clock& clock) {
  startPool();
  Config kept;
  kept.server = config.server;
  kept.tlsServerName = config.tlsServerName;
  kept.impersonateUser = config.impersonateUser;
  kept.insecureSkipTlsVerify = config.insecureSkipTlsVerify;
  const bool ownRoots = !config.caPem.empty();
  auto credentials = Credentials::make(std::move(config), clock);  // with the environment that a plugin needs
  if (!credentials) return std::unexpected(std::move(credentials.error()));
  if (ownRoots) findNoSystemRoots();
  try {
    const std::string host = web::uri(kept.server).host();
    return std::make_unique<Measured>(std::make_unique<RestTransport>(kept, std::move(*credentials), options),
                                      host);
  } catch (const std::exception& e) {
    return fail(ErrorKind::Invalid, fmt::format("server {}: {}", kept.server, e.what()));
  }
}

}  // namespace errand::kube
