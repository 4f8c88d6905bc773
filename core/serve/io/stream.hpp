// The bytes of one connection, over TLS or as they are. Belongs to one thread
// that runs an io_context. OpenSSL works on the socket itself, without buffers
// between: an idle connection costs little more than its SSL object.
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
  // End: the peer has closed in order. Interrupted: by interrupt() or cut().
  enum class Status { Ok, End, Failed, Interrupted };
  struct Transfer {
    std::size_t size = 0;
    Status status = Status::Ok;
  };
  template <class T>
  using Awaitable = boost::asio::awaitable<T>;

  // Plain with a null context. The socket does not block.
  Stream(boost::asio::ip::tcp::socket socket, TlsContext context);
  Stream(const Stream&) = delete;
  ~Stream();

  Awaitable<Status> handshake();
  // At least one byte where Ok. `expectWait` saves a system call where none is likely to be there.
  Awaitable<Transfer> read(std::span<char> into, bool expectWait = false);
  Awaitable<Status> write(std::string_view bytes);

  // Says that no more is sent: close_notify (RFC 8446, section 6.1), then FIN.
  Awaitable<void> goodbye();
  // Takes and drops what the peer is still sending, until it ends or an
  // interrupt; false where it went on beyond `most` bytes.
  Awaitable<bool> drain(std::span<char> scratch, std::size_t most);

  // Ends the operation that is under way or else the next one, and all others until resume().
  void interrupt();
  void resume() { interrupted_ = cut_; }
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
  unsigned unbroken_ = 0;  // operations since the thread last served others
};

}  // namespace errand::serve
