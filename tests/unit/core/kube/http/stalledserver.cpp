#include "tests/unit/core/kube/http/stalledserver.hpp"

#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <utility>

#include "core/kube/auth/tls.hpp"
#include "tests/unit/core/kube/pair.hpp"

namespace errand::kube {
StalledServer::StalledServer(std::string says)
    : context_(SSL_CTX_new(TLS_server_method())),
      listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const Pair pair = selfSigned();
  certificate_ = pair.certificate;
  TlsMaterial::parse("", pair.certificate, Sensitive(pair.key))->applyTo(context_);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
  ::listen(listener_, 1);
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::jthread([this, says = std::move(says)] { serve(says); });
}

StalledServer::~StalledServer() {
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
  SSL_CTX_free(context_);
}

void StalledServer::serve(const std::string& says) {
  // OpenSSL writes without MSG_NOSIGNAL, and the client may have gone.
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  std::array<char, 4096> chunk;
  const std::unique_ptr<SSL, decltype(&SSL_free)> tls(SSL_new(context_), SSL_free);
  if (fd >= 0 && !says.empty()) {
    SSL_set_fd(tls.get(), fd);
    SSL_accept(tls.get());
    std::string head;
    for (int n = 1; n > 0 && !head.contains("\r\n\r\n");) {
      n = SSL_read(tls.get(), chunk.data(), chunk.size());
      if (n > 0) head.append(chunk.data(), static_cast<size_t>(n));
    }
    SSL_write(tls.get(), says.data(), static_cast<int>(says.size()));
  }
  stalled_.set_value();
  while (fd >= 0 && ::recv(fd, chunk.data(), chunk.size(), 0) > 0 && !hangUp_) {
  }
  if (fd >= 0) ::close(fd);
  left_.set_value();
}

}  // namespace errand::kube
