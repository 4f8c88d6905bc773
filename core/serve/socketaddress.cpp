#include "core/serve/socketaddress.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

namespace errand::serve {

bool resolve(const Address& address, SocketAddress& out) {
  if (address.v6) {
    auto* in6 = reinterpret_cast<sockaddr_in6*>(&out.storage);
    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons(address.port);
    out.size = sizeof *in6;
    return inet_pton(AF_INET6, address.host.c_str(), &in6->sin6_addr) == 1;
  }
  auto* in4 = reinterpret_cast<sockaddr_in*>(&out.storage);
  in4->sin_family = AF_INET;
  in4->sin_port = htons(address.port);
  out.size = sizeof *in4;
  return inet_pton(AF_INET, address.host.c_str(), &in4->sin_addr) == 1;
}

}  // namespace errand::serve
