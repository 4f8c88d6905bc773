// The keys of seals, as the operator keeps them in the Secret errand-seal and the kubelet in files.
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <thread>

#include "core/base/guarded.hpp"
#include "core/base/time.hpp"
#include "webhook/guard/request/seal.hpp"

namespace errand::webhook {

class SealFiles {
 public:
  // Reads `signing.pem` and `accepted.pem` of the directory now, and again after each `every`. An
  // empty directory name means that there are no keys.
  SealFiles(std::string directory, Millis every);

  // The last that could be read: null before the first.
  std::shared_ptr<const SealKeys> keys();

 private:
  void run(const std::stop_token& stop);
  void look();

  const std::string directory_;
  const Millis every_;
  std::string seen_;  // the error that was logged last
  Guarded<std::shared_ptr<const SealKeys>> keys_;
  std::jthread thread_;  // last: it ends before the rest goes
};

// Invalid, or NotFound where a file is empty or not there.
Result<SealKeys> readSealKeys(const std::string& directory);

}  // namespace errand::webhook
