// Keeps the keys of seals, while this process leads.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <stop_token>
#include <string>

#include "core/base/ed25519.hpp"
#include "core/base/guarded.hpp"
#include "core/kube/client/client.hpp"
#include "core/kube/pause.hpp"
#include "operator/seals/plan.hpp"

namespace errand::seals {

// The keys by which a seal is good; none before they are read.
using Accepted = Guarded<std::optional<VerifyingKeys>>;

// Its object is the Secret errand-seal, which installation makes empty:
// signing.pem and next.pem (PKCS #8), accepted.pem (public keys, one after another) and
// since (RFC 3339). The webhook mounts signing.pem and accepted.pem.
class Keeper {
 public:
  // `carried` says which keys are on grants that have not ended, once each of them is known. All outlive it.
  Keeper(const kube::Client& client, Settings settings, Accepted& accepted,
         std::function<std::optional<std::set<std::string>>()> carried, const Clock& clock)
      : client_(client),
        settings_(std::move(settings)),
        accepted_(accepted),
        carried_(std::move(carried)),
        clock_(clock) {}

  // Looks and acts until `stop`; tries again after a failure. Its Pause waits between.
  // What another process has done before is read first.
  void run(const std::stop_token& stop, const kube::Pause& pause);

  // One step: how long to wait before the next.
  Result<Millis> step();

 private:
  struct Stored;
  Result<Stored> read() const;
  Result<void> store(const Stored& next) const;

  const kube::Client& client_;
  const Settings settings_;
  Accepted& accepted_;
  const std::function<std::optional<std::set<std::string>>()> carried_;
  const Clock& clock_;
};

}  // namespace errand::seals
