#include "core/serve/listener.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "core/serve/socketaddress.hpp"

namespace errand::serve {
namespace {

Source sourceOf(const sockaddr_storage& peer) {
  if (peer.ss_family == AF_INET) {
    const auto& in4 = reinterpret_cast<const sockaddr_in&>(peer);
    const std::string address(reinterpret_cast<const char*>(&in4.sin_addr), sizeof in4.sin_addr);
    return {address, address};
  }
  const auto& in6 = reinterpret_cast<const sockaddr_in6&>(peer);
  return sourceOfV6({reinterpret_cast<const char*>(&in6.sin6_addr), sizeof in6.sin6_addr});
}

bool outOfResources(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

Source sourceOfV6(std::string_view address) {
  constexpr std::string_view kMapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
  constexpr std::size_t kPrefix = 8;
  if (address.starts_with(kMapped)) address.remove_prefix(kMapped.size());
  const std::size_t network = address.size() == sizeof(in_addr) ? address.size() : kPrefix;
  return {std::string(address), std::string(address.substr(0, network))};
}

Result<Address> parseAddress(std::string_view text) {
  const auto bad = [&](std::string_view why) {
    return fail(
        ErrorKind::Invalid,
        fmt::format("\"{}\" is no listening address: {}; write it as 0.0.0.0:9443 or [::1]:9443", text, why));
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad("it has no port");
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);

  Address address;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) {
    return bad("its port is not a number from 0 to 65535");
  }
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    address.v6 = true;
  } else if (host.find(':') != std::string_view::npos) {
    return bad("an IPv6 address stands in brackets");
  }
  address.host = host;
  SocketAddress resolved;
  if (!resolve(address, resolved)) return bad("its host is not an IP address");
  return address;
}

std::string formatAddress(const Address& address) {
  return fmt::format(fmt::runtime(address.v6 ? "[{}]:{}" : "{}:{}"), address.host, address.port);
}

Result<Listener> Listener::open(const Address& address) {
  const auto failed = [&](std::string_view call) {
    const int error = errno;
    return fail(ErrorKind::Unavailable,
                fmt::format("{} {}: {}", call, formatAddress(address), std::strerror(error)));
  };
  SocketAddress where;
  if (!resolve(address, where)) return fail(ErrorKind::Invalid, address.host + " is not an IP address");

  Descriptor event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!event) return failed("eventfd for");
  Descriptor socket(
      ::socket(where.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP));
  if (!socket) return failed("socket for");
  const int on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(socket.get(), where.get(), where.size) != 0) return failed("bind");
  if (::listen(socket.get(), SOMAXCONN) != 0) return failed("listen on");

  if (::getsockname(socket.get(), where.get(), &where.size) != 0) return failed("getsockname of");
  Address bound = address;
  bound.port = ntohs(address.v6 ? reinterpret_cast<sockaddr_in6*>(&where.storage)->sin6_port
                                : reinterpret_cast<sockaddr_in*>(&where.storage)->sin_port);
  return Listener(std::move(socket), std::move(event), std::move(bound));
}

Result<Accepted> Listener::accept(std::chrono::milliseconds wait) {
  pollfd ready[] = {{event_.get(), POLLIN, 0}, {socket_.get(), POLLIN, 0}};
  if (::poll(ready, 2, static_cast<int>(wait.count())) <= 0 || ready[0].revents != 0) return Accepted{};

  SocketAddress peer;
  peer.size = sizeof peer.storage;
  Descriptor connection(::accept4(socket_.get(), peer.get(), &peer.size, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!connection) {
    // Every other error concerns one connection that has already failed (accept(2)).
    if (outOfResources(errno))
      return fail(ErrorKind::TooManyRequests, fmt::format("accept: {}", std::strerror(errno)));
    return Accepted{};
  }
  const int on = 1;
  ::setsockopt(connection.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return Accepted{std::move(connection), sourceOf(peer.storage)};
}

void Listener::pause(std::chrono::milliseconds wait) {
  pollfd ready{event_.get(), POLLIN, 0};
  ::poll(&ready, 1, static_cast<int>(wait.count()));
}

void Listener::wake() { ::eventfd_write(event_.get(), 1); }

}  // namespace errand::serve
