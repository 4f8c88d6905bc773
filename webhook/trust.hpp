// Whether the API server trusts what is served here: as the live webhook
// configurations say, looked at again and again.
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

class Trust {
 public:
  // `name` is that of both configurations; an empty one means that nothing is looked at.
  Trust(const kube::Client& client, std::string name);

  // Why the API server would not accept `chain` (PEM), if so. What cannot be
  // read stays as it was last; a configuration that is not there asks for nothing.
  Result<void> accepts(std::string_view chain, Time now);

 private:
  void run(const std::stop_token& stop);
  Result<std::vector<std::string>> read() const;

  const kube::Client& client_;
  const std::string name_;
  struct Known {
    bool read = false;
    std::vector<std::string> bundles;  // PEM, each once
  };
  Guarded<Known> known_;
  std::jthread thread_;  // last: it ends before the rest goes
};

}  // namespace errand::webhook
