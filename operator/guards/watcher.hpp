// Polls the guards while this process leads, and publishes since when they hold.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/base/guarded.hpp"
#include "core/kube/client/client.hpp"
#include "core/kube/pause.hpp"
#include "operator/guards/plan.hpp"
#include "operator/guards/probes.hpp"
#include "operator/guards/shipped.hpp"

namespace errand::guards {

// The installation to watch, and the polling intervals.
struct Settings {
  std::string ns = "errand-system";
  std::string webhookUrl = {};  // set if the webhook runs outside the cluster
  Millis look{5'000};           // between two polls; a guard's generation shows changes in between
  Millis lookForRepair{1'000};  // between two polls while the guards do not hold
  Millis probeEvery{180'000};   // between two probes of unchanged guards; a change is probed at once
};

using SharedGuardFacts = Guarded<plan::GuardFacts>;

// Returns the facts to publish before the first poll.
inline plan::GuardFacts nothingKnown() {
  return {false, std::nullopt, "whether the admission policies hold is not known yet"};
}

// Polls the guards, probes them, stores the record, and publishes the facts. Not thread-safe: call run() or
// step() from one thread at a time.
class Watcher {
 public:
  // `servers` has one client for each API server, and must not be empty: each is probed. `changed` is called
  // after each change of `facts`, and once when a `since` in the future has come. All references must
  // outlive the watcher.
  Watcher(const kube::Client& client, std::vector<kube::Client> servers, Settings settings,
          SharedGuardFacts& facts, std::function<void()> changed, const Clock& clock);
  ~Watcher();

  // Publishes nothingKnown(), then polls until `stop`. Discards what an earlier term has observed.
  void run(const std::stop_token& stop, const kube::Pause& pause);

  // Polls once. Returns the time to wait before the next poll. Fails with an error of the API server, or with
  // Invalid if a guard's metadata cannot be decoded. After a failure it publishes that the guards do not
  // hold, with the last `since`: no grant starts, and started grants continue.
  Result<Millis> step();

 private:
  using Moment = std::chrono::steady_clock::time_point;

  Result<Guards> read() const;
  Result<void> readRecord(Observed& observed, std::string& uid) const;
  ProbeResult probeIfDue(const Guards& guards);
  Result<const Sensitive*> token();
  Millis kept(const Guards& guards);
  Result<Millis> look();
  Result<void> store(const Plan& next, const std::string& uid) const;
  void publish(const plan::GuardFacts& facts);
  static void measure(const Guards& guards, const Plan& next);

  const kube::Client& client_;
  const std::vector<kube::Client> servers_;
  const Settings settings_;
  SharedGuardFacts& facts_;
  const std::function<void()> changed_;
  const Clock& clock_;
  const std::unique_ptr<const Specs> shipped_;
  const std::vector<Probe> probes_;

  struct Memory {
    Guards probedGuards;
    ProbeResult probed;
    Moment probedAt{};
    std::optional<kube::IssuedToken> token;
    Guards keptGuards;
    std::optional<Moment> keptFrom;
    std::optional<Time> toCome;  // the published time, while it is in the future
  };
  Memory memory_;
};

}  // namespace errand::guards
