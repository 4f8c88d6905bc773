#include "core/serve/worker.hpp"

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/core/demangle.hpp>
#include <exception>
#include <optional>
#include <thread>
#include <type_traits>
#include <unordered_map>
#include <utility>

#include "core/base/log.hpp"

namespace errand::serve {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

using Parser = http::request_parser<http::string_body>;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

constexpr std::size_t kReadBytes = 4096;

auto into(error_code& error) { return asio::redirect_error(asio::use_awaitable, error); }

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

std::string typeName(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& e) {
    return boost::core::demangle(typeid(e).name());
  } catch (...) {
    return "not a std::exception";
  }
}

// The status that tells the client what was wrong with its request; none where
// it is gone or was too slow, so that there is nobody to tell.
std::optional<Response> refusalOf(error_code error, const Limits& limits) {
  if (error == http::error::body_limit) {
    return text(413, "the body is larger than " + std::to_string(limits.bodyBytes) + " bytes");
  }
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return text(431, "the header is larger than " + std::to_string(limits.headerBytes) + " bytes");
  }
  if (error == http::error::end_of_stream || error == http::error::partial_message) return std::nullopt;
  if (error.category() == http::make_error_code(http::error::bad_method).category()) {
    return text(400, "malformed request: " + error.message());
  }
  return std::nullopt;
}

// What Beast lets pass and two parties could frame differently (RFC 9112, 3.2 and 6.3).
std::optional<Response> framingFault(const http::request_header<>& header) {
  if (header.count(http::field::content_length) > 1)
    return text(400, "malformed request: more than one Content-Length");
  if (header.count(http::field::transfer_encoding) > 0 &&
      (header.version() != 11 || !beast::iequals(header[http::field::transfer_encoding], "chunked") ||
       header.count(http::field::transfer_encoding) > 1)) {
    return text(400, "malformed request: a Transfer-Encoding other than chunked");
  }
  if (header.version() == 11 && header.count(http::field::host) != 1) {
    return text(400, "malformed request: not exactly one Host");
  }
  return std::nullopt;
}

Request requestOf(const http::request<http::string_body>& message) {
  Request request;
  request.method = view(message.method_string());
  const std::string_view target = view(message.target());
  const std::size_t mark = target.find('?');
  request.path = target.substr(0, mark);
  if (mark != std::string_view::npos) request.query = target.substr(mark + 1);
  request.contentType = view(message[http::field::content_type]);
  request.body = message.body();
  return request;
}

// What one body takes of Limits::bodiesBytes, given back with this object. By
// what has come in and not by Content-Length, which costs a client nothing to claim.
class BodyShare {
 public:
  explicit BodyShare(Shared& shared) : shared_(shared) {}
  BodyShare(const BodyShare&) = delete;
  ~BodyShare() { shared_.bodies -= held_; }

  // Frees the body as well.
  void release(std::string& body) {
    std::string().swap(body);
    shared_.bodies -= std::exchange(held_, 0);
  }

  // Counts `size` bytes in all; false where that is more than may be held.
  bool hold(std::size_t size) {
    const std::size_t more = size - held_;
    held_ = size;
    return (shared_.bodies += more) <= shared_.limits.bodiesBytes;
  }

 private:
  Shared& shared_;
  std::size_t held_ = 0;
};

Response tooManyBodies() {
  Response busy = text(503, "too many bodies at once; try again");
  busy.headers.emplace_back("Retry-After", "1");
  return busy;
}

class Connection {
 public:
  virtual ~Connection() = default;
  virtual asio::awaitable<void> run() = 0;
  virtual void closeIdle() = 0;
  virtual void cut() = 0;
};

// One client, from its first byte to its last. `Stream` is TlsStream or beast::tcp_stream.
template <class Stream>
class Session final : public Connection {
 public:
  template <class... Tls>
  Session(asio::ip::tcp::socket socket, Shared& shared, Tls&... tls)
      : shared_(shared), timer_(socket.get_executor()), stream_(std::move(socket), tls...) {}

  asio::awaitable<void> run() override {
    if constexpr (std::is_same_v<Stream, TlsStream>) {
      error_code error;
      within(shared_.limits.handshake);
      co_await stream_.async_handshake(asio::ssl::stream_base::server, into(error));
      if (error) co_return;
    }
    bool another = true;
    while (another && !cut_) another = co_await exchange();
    if (farewell_ && !cut_) co_await farewell();
  }

  void closeIdle() override {
    if (idle_) tcp().cancel();
  }

  void cut() override {
    cut_ = true;
    timer_.cancel();
    tcp().close();
  }

 private:
  beast::tcp_stream& tcp() { return beast::get_lowest_layer(stream_); }

  // Bounds all that follows until the next call: the deadline is not moved by progress.
  void within(std::chrono::milliseconds limit) { tcp().expires_after(limit); }

  // One request and its answer; whether the connection can carry another.
  asio::awaitable<bool> exchange() {
    const bool begun = co_await firstByte();
    if (!begun) co_return false;

    const Limits& limits = shared_.limits;
    error_code error;
    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(limits.headerBytes));
    parser.body_limit(limits.bodyBytes);
    within(limits.header);
    co_await http::async_read_header(stream_, buffer_, parser, into(error));
    if (error) co_return co_await refuse(refusalOf(error, limits));
    if (std::optional<Response> fault = framingFault(parser.get()))
      co_return co_await refuse(std::move(fault));

    std::variant<const Route*, Response> found = shared_.routes.find(requestOf(parser.get()));
    if (Response* refusal = std::get_if<Response>(&found)) {
      if (!parser.is_done()) co_return co_await refuse(std::move(*refusal));
      co_return co_await send(std::move(*refusal), parser.get());
    }

    BodyShare share(shared_);
    if (!parser.is_done()) {
      within(limits.body);
      if (shared_.bodies >= limits.bodiesBytes) co_return co_await refuse(tooManyBodies());
      if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
        http::response<http::empty_body> go(http::status::continue_, 11);
        co_await http::async_write(stream_, go, into(error));
        if (error) co_return false;
      }
      parser.eager(true);
      while (!parser.is_done()) {
        co_await http::async_read_some(stream_, buffer_, parser, into(error));
        if (error) co_return co_await refuse(refusalOf(error, limits));
        if (!share.hold(parser.get().body().size())) {
          share.release(parser.get().body());
          co_return co_await refuse(tooManyBodies());
        }
      }
    }
    Response response = co_await ask(*std::get<const Route*>(found), parser.get());
    if (cut_) co_return false;
    share.release(parser.get().body());
    co_return co_await send(std::move(response), parser.get());
  }

  // Waits for a request to begin, so that a connection kept open between two
  // has its own, longer bound.
  asio::awaitable<bool> firstByte() {
    if (buffer_.size() > 0) co_return true;
    if (served_ && shared_.draining) {
      farewell_ = true;
      co_return false;
    }
    buffer_.shrink_to_fit();
    within(served_ ? shared_.limits.idle : shared_.limits.header);
    error_code error;
    idle_ = served_;
    const std::size_t size = co_await stream_.async_read_some(buffer_.prepare(kReadBytes), into(error));
    idle_ = false;
    buffer_.commit(size);
    farewell_ = error == asio::error::operation_aborted || error == asio::error::eof;
    co_return !error;
  }

  asio::awaitable<Response> ask(const Route& route, const http::request<http::string_body>& message) {
    const Request request = requestOf(message);
    tcp().expires_never();
    const auto begun = std::chrono::steady_clock::now();
    std::chrono::milliseconds waited{0};
    while (!cut_) {
      Answer answer = call(route, request, waited);
      if (Response* response = std::get_if<Response>(&answer)) co_return std::move(*response);
      const std::chrono::milliseconds after = std::get<Later>(answer).after;
      if (waited + after > shared_.limits.answer) {
        log::warn("no answer in time", {{"server", shared_.name}, {"path", route.path}});
        break;
      }
      error_code error;
      timer_.expires_after(after);
      co_await timer_.async_wait(into(error));
      waited = std::chrono::ceil<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
    }
    co_return text(503, "no answer in time; try again");
  }

  Answer call(const Route& route, const Request& request, std::chrono::milliseconds waited) const {
    try {
      return route.handler(request, waited);
    } catch (...) {
      // By its type alone: the message may quote the request.
      log::error("handler threw", {{"server", shared_.name},
                                   {"path", route.path},
                                   {"exception", typeName(std::current_exception())}});
      return text(500, "internal error");
    }
  }

  // Answers what cannot be read to its end, and gives the connection up.
  asio::awaitable<bool> refuse(std::optional<Response> refusal) {
    if (refusal) {
      const http::request<http::string_body> none;
      co_await send(std::move(*refusal), none);
      unread_ = true;
    }
    co_return false;
  }

  // `request` decides whether the connection stays; an empty one ends it.
  asio::awaitable<bool> send(Response response, const http::request<http::string_body>& request) {
    const bool keep = !request.target().empty() && request.keep_alive() && !shared_.retiring;
    http::response<http::string_body> message(static_cast<http::status>(response.status), 11);
    message.keep_alive(keep);
    message.set(http::field::content_type, response.contentType);
    for (const auto& [name, value] : response.headers) message.set(name, value);
    message.body() = std::move(response.body);
    message.prepare_payload();

    error_code error;
    within(shared_.limits.write);
    co_await http::async_write(stream_, message, into(error));
    log::debug("answered", {{"server", shared_.name}, {"status", message.result_int()}});
    served_ = true;
    farewell_ = !error;
    co_return keep && !error;
  }

  // Closes so that the client gets the answer: with data unread, close() would
  // send a reset that can overtake it.
  asio::awaitable<void> farewell() {
    error_code error;
    within(shared_.limits.farewell);
    if constexpr (std::is_same_v<Stream, TlsStream>) co_await stream_.async_shutdown(into(error));
    if (!unread_) co_return;
    error = {};
    tcp().socket().shutdown(asio::ip::tcp::socket::shutdown_send, error);
    while (!error) {
      buffer_.clear();
      co_await tcp().async_read_some(buffer_.prepare(kReadBytes), into(error));
    }
  }

  Shared& shared_;
  asio::steady_timer timer_;
  Stream stream_;
  beast::flat_buffer buffer_;
  bool served_ = false;    // a request before this one
  bool idle_ = false;      // waits for a further request
  bool farewell_ = false;  // the client is there and waits for nothing more
  bool unread_ = false;    // the client may still be sending
  bool cut_ = false;
};

}  // namespace

struct Worker::Loop {
  explicit Loop(Shared& s) : shared(s), thread([this] { run(); }) {}

  void run() {
    while (true) {
      try {
        io.run();
        return;
      } catch (...) {
        log::error("I/O loop threw",
                   {{"server", shared.name}, {"exception", typeName(std::current_exception())}});
      }
    }
  }

  std::shared_ptr<Connection> make(Descriptor& descriptor) {
    sockaddr_storage local{};
    socklen_t size = sizeof local;
    ::getsockname(descriptor.get(), reinterpret_cast<sockaddr*>(&local), &size);
    asio::ip::tcp::socket socket(io);
    socket.assign(local.ss_family == AF_INET6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), descriptor.get());
    descriptor.release();
    if (!shared.certificate) return std::make_shared<Session<beast::tcp_stream>>(std::move(socket), shared);
    const TlsContext current = shared.certificate->context();
    SSL_CTX_up_ref(current.get());
    asio::ssl::context context(current.get());
    return std::make_shared<Session<TlsStream>>(std::move(socket), shared, context);
  }

  void begin(Descriptor descriptor) {
    std::shared_ptr<Connection> connection;
    try {
      connection = make(descriptor);
      Connection* const key = connection.get();
      connections.emplace(key, connection);
      asio::co_spawn(
          io, [connection] { return connection->run(); },
          [this, key](const std::exception_ptr& thrown) { end(key, thrown); });
    } catch (...) {
      end(connection.get(), std::current_exception());
    }
  }

  void end(Connection* key, const std::exception_ptr& thrown) {
    if (thrown) log::error("connection threw", {{"server", shared.name}, {"exception", typeName(thrown)}});
    connections.erase(key);
    // Under the lock, or a drain between its look and its wait would miss it.
    const std::lock_guard lock(shared.ended);
    --shared.connections;
    shared.someEnded.notify_all();
  }

  Shared& shared;
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work = asio::make_work_guard(io);
  std::unordered_map<Connection*, std::shared_ptr<Connection>> connections;  // the loop's thread only
  std::jthread thread;
};

Worker::Worker(Shared& shared) : loop_(std::make_unique<Loop>(shared)) {}

Worker::~Worker() {
  asio::post(loop_->io, [loop = loop_.get()] {
    for (const auto& [key, connection] : loop->connections) connection->cut();
    loop->work.reset();
  });
  loop_->thread.join();
}

void Worker::adopt(Descriptor connection) {
  asio::post(loop_->io,
             [loop = loop_.get(), held = std::move(connection)]() mutable { loop->begin(std::move(held)); });
}

void Worker::closeIdle() {
  asio::post(loop_->io, [loop = loop_.get()] {
    for (const auto& [key, connection] : loop->connections) connection->closeIdle();
  });
}

}  // namespace errand::serve
