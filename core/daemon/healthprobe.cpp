#include "core/daemon/healthprobe.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "core/base/descriptor.hpp"
#include "core/serve/listener.hpp"

namespace errand::daemon {
namespace {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

SocketAddress socketAddress(const serve::Address& address) {
  SocketAddress out;
  if (address.v6) {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(out.storage);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(address.port);
    inet_pton(AF_INET6, address.host.c_str(), &v6.sin6_addr);
    out.size = sizeof v6;
  } else {
    auto& v4 = reinterpret_cast<sockaddr_in&>(out.storage);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(address.port);
    inet_pton(AF_INET, address.host.c_str(), &v4.sin_addr);
    out.size = sizeof v4;
  }
  return out;
}

}  // namespace

bool isLoopback(const std::string& text) {
  const auto address = serve::parseAddress(text);
  if (!address) return false;
  const SocketAddress socket = socketAddress(*address);
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
  const SocketAddress target = socketAddress(*to);
  const Descriptor socket(::socket(target.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto whole = std::chrono::floor<Seconds>(wait);
  const timeval limit{whole.count(), std::chrono::microseconds(wait - whole).count()};
  setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  const std::string request =
      fmt::format("GET /{} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", endpoint, address);
  if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&target.storage), target.size) != 0 ||
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
