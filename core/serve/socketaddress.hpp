// An address as the kernel's calls take it.
#pragma once

#include <sys/socket.h>

#include "core/serve/listener.hpp"

namespace errand::serve {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

// Fills `out`. Returns false if the host is no IPv4 address, or no IPv6 address if `v6` is set.
bool resolve(const Address& address, SocketAddress& out);

}  // namespace errand::serve
