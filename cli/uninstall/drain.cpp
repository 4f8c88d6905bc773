#include "cli/uninstall/drain.hpp"

#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/findings/escape.hpp"
#include "cli/uninstall/read.hpp"
#include "cli/uninstall/steps.hpp"

namespace errand::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kDrainLooks = 1s;
constexpr auto kHandover = 20s;   // a Deployment replaces its pods
constexpr auto kStartup = 120s;   // an image may have to be pulled
constexpr int kMostRestarts = 5;  // each because a grant has started meanwhile
constexpr std::string_view kDrainReason = "kubectl errand uninstall";

// The drain takes minutes, so it survives a restart of the API server. It can repeat every step.
bool isTransient(const Error& error) {
  return error.kind == ErrorKind::Unavailable || error.kind == ErrorKind::Timeout ||
         error.kind == ErrorKind::Conflict;
}

std::unexpected<Error> notRead(const Unread& unread) {
  return fail(unread.kind, fmt::format("cannot read {}: {}", unread.what, unread.message));
}

class Drain {
 public:
  Drain(const kube::Client& client, const DrainOptions& options, const Say& say)
      : client_(client), options_(options), say_(say) {}

  Result<Drained> run() {
    for (;;) {
      const auto ended = look();
      if (!ended && !isTransient(ended.error())) return std::unexpected(ended.error());
      if (!ended)
        say_("will be repeated: " + shown(ended.error().message));
      else if (*ended)
        return **ended;
      if (now() >= deadline_) return Drained::Late;
      std::this_thread::sleep_for(kDrainLooks);
    }
  }

 private:
  using Instant = OperatorWatch::Instant;
  static Instant now() { return systemClock().monotonic(); }

  // Returns the result of the drain; nullopt if it goes on.
  Result<std::optional<Drained>> look() {
    // The operator is read before the grants: if it is stopped, no grant starts after they are read.
    const auto facts = readOperator(client_, options_.operatorNamespace);
    if (!facts) return std::unexpected(facts.error());
    std::vector<Unread> unread;
    const auto list = readGrants(client_, {}, unread);
    if (!unread.empty()) return notRead(unread.front());
    const Undrained grants = undrained(*list);
    report(grants);
    return take(step(*facts, grants), grants);
  }

  Step step(const OperatorFacts& facts, const Undrained& grants) {
    return nextStep({.unrevoked = grants.unrevoked.size(),
                     .ending = grants.ending,
                     .state = watch_.observe(facts, systemClock().now(), now()),
                     .hasDeployment = facts.deployment.has_value(),
                     .isPatient = now() < patientUntil_});
  }

  Result<std::optional<Drained>> take(Step step, const Undrained& grants) {
    switch (step) {
      case Step::Revoke:
        return goOn(revoke(grants));
      case Step::Wait:
        return std::nullopt;
      case Step::StartOperator:
        if (++restarts_ > kMostRestarts) return Drained::Restless;
        patientUntil_ = now() + kStartup;
        return goOn(scale(1, "grants need it to end"));
      case Step::StopOperator:
        return goOn(scale(0, "no grant is left, and none can start from now on"));
      case Step::Finish:
        if (const auto done = finish(); !done) return std::unexpected(done.error());
        return Drained::Done;
      case Step::NoOperator:
        return Drained::NoOperator;
      case Step::StopByHand:
        return Drained::Runs;
    }
    return std::nullopt;
  }

  static Result<std::optional<Drained>> goOn(const Result<void>& done) {
    if (!done) return std::unexpected(done.error());
    return std::nullopt;
  }

  Result<void> revoke(const Undrained& grants) {
    for (const api::TaskGrant* grant : grants.unrevoked) {
      const auto patched = client_.mergePatch(api::kTaskGrants, grant->meta.ns, grant->meta.name,
                                              {{"spec", {{"revoke", {{"reason", kDrainReason}}}}}});
      if (!patched && patched.error().kind != ErrorKind::NotFound) return std::unexpected(patched.error());
      if (patched)
        say_(fmt::format("TaskGrant/{} revoked in namespace {}", grant->meta.name, grant->meta.ns));
    }
    return {};
  }

  Result<void> scale(int replicas, std::string_view why) {
    const auto scaled = client_.scale(options_.operatorNamespace, kOperatorName, replicas);
    if (!scaled) return scaled;
    say_(fmt::format("Deployment/{} scaled to {}: {}", kOperatorName, replicas, why));
    return {};
  }

  Result<void> finish() {
    const ClusterObjects objects = readClusterObjects(client_, {});
    if (!objects.unread.empty()) return notRead(objects.unread.front());
    const Removal removal{.operatorNamespace = options_.operatorNamespace};
    const auto held = heldBy(objects, options_.operatorNamespace);
    if (const auto done = liftGuards(client_, removal, say_); !done) return done;
    const auto done = removeHeld(
        client_, held,
        {Holding::Right, Holding::Account, Holding::Enforced, Holding::BaseAccount, Holding::Enrolment},
        say_);
    return done ? removeRecords(client_, removal, say_) : done;
  }

  void report(const Undrained& grants) {
    if (grants.count() == reported_) return;
    reported_ = grants.count();
    say_(reported_ == 0 ? "every grant has ended, and each end is confirmed"
                        : fmt::format("{} to end and to confirm",
                                      reported_ == 1 ? "1 grant" : fmt::format("{} grants", reported_)));
  }

  const kube::Client& client_;
  const DrainOptions& options_;
  const Say& say_;
  OperatorWatch watch_;
  Instant deadline_ = now() + options_.timeout;
  Instant patientUntil_ = now() + kHandover;
  int restarts_ = 0;
  size_t reported_ = static_cast<size_t>(-1);
};

}  // namespace

Result<Drained> drain(const kube::Client& client, const DrainOptions& options, const Say& say) {
  return Drain(client, options, say).run();
}

}  // namespace errand::cli
