#include <utility>  // before Asio, which lacks this include in Boost 1.74

#include "core/serve/io/stream.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>

namespace errand::serve {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr unsigned kStepsBeforeYield = 16;

// Sends without SIGPIPE, which OpenSSL's own socket BIO raises by write().
int send(BIO* bio, const char* data, int size) {
  const ssize_t sent = ::send(static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))), data,
                              static_cast<std::size_t>(size), MSG_NOSIGNAL);
  BIO_clear_retry_flags(bio);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

int receive(BIO* bio, char* data, int size) {
  const ssize_t got = ::recv(static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))), data,
                             static_cast<std::size_t>(size), 0);
  BIO_clear_retry_flags(bio);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
  return static_cast<int>(got);
}

long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

const BIO_METHOD* socketMethod() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "errand socket");
    BIO_meth_set_write(made, send);
    BIO_meth_set_read(made, receive);
    BIO_meth_set_ctrl(made, control);
    return made;
  }();
  return method;
}

}  // namespace

struct Stream::Step {
  enum Next { Done, WaitToRead, WaitToWrite, Over, Broken } next;
  std::size_t size = 0;
};

Stream::Stream(asio::ip::tcp::socket socket, TlsContext context)
    : socket_(std::move(socket)), context_(std::move(context)), ssl_(nullptr, SSL_free) {
  if (!context_) return;
  ssl_.reset(SSL_new(context_.get()));
  BIO* const bio = ssl_ ? BIO_new(socketMethod()) : nullptr;
  if (bio == nullptr) throw std::bad_alloc();
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket_.native_handle())));
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_accept_state(ssl_.get());
}

Stream::~Stream() = default;

Stream::Step Stream::stepOf(int result) const {
  if (result > 0) return {Step::Done, static_cast<std::size_t>(result)};
  if (ssl_) {
    switch (SSL_get_error(ssl_.get(), result)) {
      case SSL_ERROR_WANT_READ:
        return {Step::WaitToRead};
      case SSL_ERROR_WANT_WRITE:
        return {Step::WaitToWrite};
      case SSL_ERROR_ZERO_RETURN:
        return {Step::Over};
      default:
        ERR_clear_error();
        return {Step::Broken};
    }
  }
  return {result == 0 ? Step::Over : Step::Broken};
}

template <class Operation>
asio::awaitable<Stream::Transfer> Stream::run(Operation operation, bool waitFirst) {
  error_code error;
  Step step{waitFirst ? Step::WaitToRead : Step::Done};
  while (true) {
    if (interrupted_) co_return Transfer{0, Status::Interrupted};
    if (step.next == Step::WaitToRead || step.next == Step::WaitToWrite) {
      const auto what =
          step.next == Step::WaitToRead ? asio::socket_base::wait_read : asio::socket_base::wait_write;
      co_await socket_.async_wait(what, asio::redirect_error(asio::use_awaitable, error));
      unbroken_ = 0;
      if (interrupted_) co_return Transfer{0, Status::Interrupted};
      if (error) co_return Transfer{0, Status::Failed};
    } else if (++unbroken_ > kStepsBeforeYield) {
      // Serves other connections: a peer that always has more data ready would occupy the thread.
      unbroken_ = 0;
      co_await asio::post(socket_.get_executor(), asio::use_awaitable);
      if (interrupted_) co_return Transfer{0, Status::Interrupted};
    }
    ERR_clear_error();
    step = operation();
    switch (step.next) {
      case Step::Done:
        co_return Transfer{step.size, Status::Ok};
      case Step::Over:
        co_return Transfer{0, Status::End};
      case Step::Broken:
        co_return Transfer{0, Status::Failed};
      default:
        break;
    }
  }
}

asio::awaitable<Stream::Status> Stream::handshake() {
  if (!ssl_) co_return Status::Ok;
  const Transfer done = co_await run([this] { return stepOf(SSL_do_handshake(ssl_.get())); }, false);
  co_return done.status;
}

asio::awaitable<Stream::Transfer> Stream::read(std::span<char> into, bool expectWait) {
  const auto attempt = [this, into]() -> Step {
    if (ssl_) return stepOf(SSL_read(ssl_.get(), into.data(), static_cast<int>(into.size())));
    const ssize_t got = ::recv(socket_.native_handle(), into.data(), into.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return {Step::WaitToRead};
    return stepOf(static_cast<int>(got));
  };
  return run(attempt, expectWait && (!ssl_ || SSL_has_pending(ssl_.get()) == 0));
}

asio::awaitable<Stream::Status> Stream::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto attempt = [this, bytes]() -> Step {
      if (ssl_) return stepOf(SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())));
      const ssize_t sent = ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return {Step::WaitToWrite};
      return stepOf(static_cast<int>(sent));
    };
    const Transfer done = co_await run(attempt, false);
    if (done.status != Status::Ok) co_return done.status;
    bytes.remove_prefix(done.size);
  }
  co_return Status::Ok;
}

asio::awaitable<void> Stream::goodbye() {
  if (ssl_ && SSL_is_init_finished(ssl_.get()) == 1) {
    co_await run(
        [this]() -> Step {
          const int sent = SSL_shutdown(ssl_.get());
          return sent == 0 ? Step{Step::Done} : stepOf(sent);
        },
        false);
  }
  error_code ignored;
  if (!cut_) socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
}

asio::awaitable<bool> Stream::drain(std::span<char> scratch, std::size_t most) {
  Transfer got;
  std::size_t taken = 0;
  do {
    got = co_await run(
        [this, scratch]() -> Step {
          const ssize_t size = ::recv(socket_.native_handle(), scratch.data(), scratch.size(), 0);
          if (size < 0 && (errno == EAGAIN || errno == EINTR)) return {Step::WaitToRead};
          return size > 0 ? Step{Step::Done, static_cast<std::size_t>(size)} : Step{Step::Over};
        },
        false);
    taken += got.size;
  } while (got.status == Status::Ok && taken <= most);
  co_return taken <= most;
}

void Stream::interrupt() {
  interrupted_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

void Stream::cut() {
  cut_ = true;
  interrupt();
}

}  // namespace errand::serve
