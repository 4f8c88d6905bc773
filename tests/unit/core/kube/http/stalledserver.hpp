// An HTTPS server on loopback that serves one connection up to a point and then says nothing more.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <future>
#include <string>
#include <thread>

namespace errand::kube {

class StalledServer {
 public:
  // With an empty `says` it accepts and does not even begin with TLS; else it
  // reads the head of one request and answers with this.
  explicit StalledServer(std::string says);
  ~StalledServer();

  std::string url() const { return "https://127.0.0.1:" + std::to_string(port_); }
  const std::string& certificate() const { return certificate_; }

  // Returns when it has stalled.
  void stalled() { stalled_.get_future().wait(); }

  // From here on it closes the connection when anything more comes.
  void hangUp() { hangUp_ = true; }

  // Returns when the connection has ended.
  void left() { left_.get_future().wait(); }

 private:
  void serve(const std::string& says);

  SSL_CTX* context_;
  std::string certificate_;
  int listener_ = -1, port_ = 0;
  std::atomic<bool> hangUp_{false};
  std::promise<void> stalled_, left_;
  std::jthread thread_;
};

}  // namespace errand::kube
