// The bytes of one connection, with TLS or without. Only one thread, which runs an io_context, may use it.
// OpenSSL uses the socket directly, without buffers in between, so an idle connection costs little more than
// its SSL object.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <span>
#include <string_view>

#include "core/serve/tls.hpp"

struct ssl_st;

namespace errand::serve {

class Stream {
 public:
  // End: the peer closed the connection in order. Interrupted: interrupt() or cut() was called.
  enum class Status { Ok, End, Failed, Interrupted };
  struct Transfer {
    std::size_t size = 0;
    Status status = Status::Ok;
  };
  template <class T>
  using Awaitable = boost::asio::awaitable<T>;

  // A null context means plain text. The socket must be in non-blocking mode. Throws std::bad_alloc.
  Stream(boost::asio::ip::tcp::socket socket, TlsContext context);
  Stream(const Stream&) = delete;
  ~Stream();

  Awaitable<Status> handshake();
  // Reads at least one byte if the status is Ok. Set `expectWait` if data is unlikely to be available: that
  // saves a system call.
  Awaitable<Transfer> read(std::span<char> into, bool expectWait = false);
  Awaitable<Status> write(std::string_view bytes);

  // Announces the end of sending: close_notify (RFC 8446, section 6.1), then FIN.
  Awaitable<void> goodbye();
  // Reads and drops what the peer still sends, until the peer closes or an interrupt. Returns false if the
  // peer sent more than `most` bytes.
  Awaitable<bool> drain(std::span<char> scratch, std::size_t most);

  // Ends the operation in progress, or else the next one, and all others until resume().
  void interrupt();
  void resume() { interrupted_ = cut_; }
  // Like interrupt(), but forever: resume() has no effect.
  void cut();
  bool isCut() const { return cut_; }

 private:
  struct Step;
  template <class Operation>
  Awaitable<Transfer> run(Operation operation, bool waitFirst);
  Step stepOf(int result) const;

  boost::asio::ip::tcp::socket socket_;
  TlsContext context_;
  std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
  bool interrupted_ = false, cut_ = false;
  unsigned unbroken_ = 0;  // operations since the thread last served other connections
};

}  // namespace errand::serve
