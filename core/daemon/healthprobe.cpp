#include "core/daemon/healthprobe.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <cerrno>
#include <cstring>

#include "core/base/descriptor.hpp"
#include "core/serve/socketaddress.hpp"

namespace errand::daemon {
bool isLoopback(const std::string& text) {
  const auto address = serve::parseAddress(text);
  if (!address) return false;
  serve::SocketAddress socket;
  if (!serve::resolve(*address, socket)) return false;
  if (address->v6)
    return IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6&>(socket.storage).sin6_addr);
  return ntohl(reinterpret_cast<const sockaddr_in&>(socket.storage).sin_addr.s_addr) >> 24 == 127;
}

Result<void> probeHealth(const std::string& address, const std::string& endpoint, Millis wait) {
  const auto failed = [&] {
    const bool late = errno == EAGAIN || errno == EINPROGRESS;
    return fail(late ? ErrorKind::Timeout : ErrorKind::Unavailable,
                fmt::format("{}: {}", address, late ? "no answer in time" : std::strerror(errno)));
  };
  const auto to = serve::parseAddress(address);
  if (!to) return std::unexpected(to.error());
  serve::SocketAddress target;
  if (!serve::resolve(*to, target)) return fail(ErrorKind::Invalid, address + " is not an IP address");
  const Descriptor socket(::socket(target.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto whole = std::chrono::floor<Seconds>(wait);
  const timeval limit{whole.count(), std::chrono::microseconds(wait - whole).count()};
  setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  const std::string request =
      fmt::format("GET /{} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", endpoint, address);
  if (connect(socket.get(), target.get(), target.size) != 0 ||
      send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) {
    return failed();
  }
  constexpr std::string_view kGood = "HTTP/1.1 200 ";
  char answer[kGood.size()] = {};
  const ssize_t size = recv(socket.get(), answer, sizeof answer, MSG_WAITALL);
  if (size < 0) return failed();
  const std::string_view status(answer, static_cast<std::size_t>(size));
  if (status == kGood) return {};
  return fail(ErrorKind::Unavailable, fmt::format("{}/{} does not answer with 200", address, endpoint));
}

}  // namespace errand::daemon
