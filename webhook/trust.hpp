// Checks that the API server trusts this server's certificate. Polls the CA bundles of
// the webhook configurations.
#pragma once

#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "core/base/guarded.hpp"
#include "core/base/time.hpp"
#include "core/kube/client/client.hpp"

namespace errand::webhook {

// Polls the CA bundles on its own thread. Safe to use from several threads.
class Trust {
 public:
  // `name` is the name of both configurations. If it is empty, accepts() always succeeds. `client` must
  // outlive this object.
  Trust(const kube::Client& client, std::string name);

  // Fails with Invalid if the API server would not accept `chain` (PEM), and with Unavailable before the
  // first read. If the configurations cannot be read, the bundles of the last read count. A configuration
  // that does not exist requires nothing.
  Result<void> accepts(std::string_view chain, Time now);

 private:
  void run(const std::stop_token& stop);
  Result<std::vector<std::string>> read() const;

  const kube::Client& client_;
  const std::string name_;
  struct Known {
    bool read = false;
    std::vector<std::string> bundles;  // PEM, without duplicates
  };
  Guarded<Known> known_;
  std::jthread thread_;  // last: it ends before the other members are destroyed
};

}  // namespace errand::webhook
