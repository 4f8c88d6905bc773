#include "cli/uninstall/takeover.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/findings/escape.hpp"
#include "cli/uninstall/read.hpp"

namespace errand::cli {
namespace {

using Json = nlohmann::json;
using namespace std::chrono_literals;

constexpr auto kLeaseLooks = 2s;
constexpr Seconds kTokenLife{600};       // of a token that the kubelet requests for a pod
constexpr Seconds kSlotTokenLife{3600};  // the longest life of a token in a slot
constexpr Seconds kLeeway{60};           // between clocks
constexpr std::string_view kTakeOverReason = "kubectl errand uninstall --without-operator";

// Watches the Lease until it is certain whether a process leads.
Result<void> requireSilence(const kube::Client& client, const Removal& removal, const Say& say) {
  OperatorWatch watch;
  const auto deadline = systemClock().monotonic() + OperatorWatch::kUnchanged + 60s;
  for (bool told = false;;) {
    const auto facts = readOperator(client, removal.operatorNamespace);
    if (!facts) return std::unexpected(facts.error());
    const Clock& clock = systemClock();
    const OperatorState state = watch.observe(*facts, clock.now(), clock.monotonic());
    if (state == OperatorState::Silent || state == OperatorState::Stopped) {
      if (!facts->deployment || facts->deployment->wanted == 0 || !removal.ns.empty()) return {};
      const auto scaled = client.scale(removal.operatorNamespace, kOperatorName, 0);
      if (scaled) say("Deployment/errand-operator scaled to 0, so that it does not come back meanwhile");
      return scaled;
    }
    if (watch.sawRenewal() || clock.monotonic() >= deadline)
      return fail(
          ErrorKind::Conflict,
          fmt::format("errand-operator runs in namespace {}, and would restore what is removed. Run this "
                      "without --without-operator, so that it revokes the grants itself",
                      removal.operatorNamespace));
    if (!told) say("watching the Lease of errand-operator, to see that no process renews it");
    told = true;
    std::this_thread::sleep_for(kLeaseLooks);
  }
}

// Ends the workload of a grant, because its pods may keep connections open that were authorised before. A
// failure is only reported: the credentials are revoked already.
void endWorkload(const kube::Client& client, const api::TaskGrant& grant, const Say& say) {
  if (grant.terminal() || !grant.status.startedAt || grant.spec.delivery != api::DeliveryMode::Projected)
    return;
  const bool isJob = grant.spec.workload.kind == api::WorkloadKind::Job;
  if (!isJob && grant.spec.workload.kind != api::WorkloadKind::Pod) return;
  const api::Resource& resource = isJob ? api::kJobs : api::kPods;
  const auto& [ns, name] = std::tie(grant.meta.ns, grant.spec.workload.name);
  const auto present = client.getMetadata(resource, ns, name);
  if (!present || present->meta.uid != grant.status.workload.uid) return;
  const auto done = client.mergePatch(resource, ns, name, {{"spec", {{"activeDeadlineSeconds", 1}}}});
  say(done ? fmt::format("{}/{} ended in namespace {}", resource.kind, name, ns)
           : fmt::format("{}/{} in namespace {} could not be ended ({}); delete it", resource.kind, name, ns,
                         shown(done.error().message)));
}

// Releases the grant as it is now. Reads it again after a Conflict, because the deletion of its namespace
// changes it as well.
Result<void> releaseOne(const kube::Client& client, const api::ObjectMeta& meta) {
  constexpr int kTries = 5;
  for (int attempt = 1;; ++attempt) {
    const auto object = client.get(api::kTaskGrants, meta.ns, meta.name);
    if (!object) return std::unexpected(object.error());
    const auto grant = api::decode<api::TaskGrant>(*object);
    if (!grant) return std::unexpected(grant.error());
    const auto done = client.mergePatch(api::kTaskGrants, meta.ns, meta.name, releaseOf(*grant));
    if (done) return {};
    if (done.error().kind != ErrorKind::Conflict || attempt == kTries) return std::unexpected(done.error());
  }
}

Result<void> release(const kube::Client& client, const std::vector<api::TaskGrant>& grants, const Say& say) {
  for (const api::TaskGrant& grant : grants) {
    if (grant.terminal() && !grant.meta.hasFinalizer(api::kFinalizer)) continue;
    const auto done = untilAdmitted([&] { return releaseOne(client, grant.meta); });
    if (!done) return std::unexpected(done.error());
    if (*done) say(fmt::format("TaskGrant/{} released in namespace {}", grant.meta.name, grant.meta.ns));
  }
  return {};
}

Result<ClusterObjects> read(const kube::Client& client, const Removal& removal) {
  ClusterObjects objects = readClusterObjects(client, {.ns = removal.ns, .secrets = true});
  if (objects.unread.empty()) return objects;
  const Unread& first = objects.unread.front();
  return fail(first.kind, fmt::format("cannot read {}: {}", first.what, first.message));
}

Result<void> revokeAndRemove(const kube::Client& client, const Removal& removal, const Say& say) {
  const auto objects = read(client, removal);
  if (!objects) return std::unexpected(objects.error());
  const auto held = heldBy(*objects, removal.operatorNamespace);
  if (const auto done =
          removeHeld(client, held, {Holding::Right, Holding::Credentials, Holding::Account}, say);
      !done)
    return done;
  for (const api::TaskGrant& grant : *objects->grants) endWorkload(client, grant, say);
  if (const auto done = release(client, *objects->grants, say); !done) return done;
  if (const auto done =
          removeHeld(client, held, {Holding::Enforced, Holding::BaseAccount, Holding::Enrolment}, say);
      !done)
    return done;
  const Time last = lastTokenOf(*objects->grants, systemClock().now());
  if (last > Time{})
    say(
        fmt::format("The API server rejects the tokens of the deleted accounts from now on; a cached answer "
                    "lives 10 s.\nServices that verify tokens without asking it accept those until {} at the "
                    "latest.",
                    formatTime(last)));
  return removal.ns.empty() ? removeRecords(client, removal, say) : Result<void>();
}

}  // namespace

Time lastTokenOf(const std::vector<api::TaskGrant>& grants, Time now) {
  Time last{};
  for (const api::TaskGrant& grant : grants) {
    const api::TaskGrantStatus& status = grant.status;
    if (!status.startedAt || status.revocation.confirmedAt) continue;
    // The kubelet may have requested a token just now. The status lists the tokens of a slot.
    if (grant.spec.delivery == api::DeliveryMode::Projected)
      last = std::max(last, now + kTokenLife + kLeeway);
    if (grant.spec.delivery == api::DeliveryMode::Slot && status.credentials.empty())
      last = std::max(last, now + kSlotTokenLife + kLeeway);
    for (const api::Credential& one : status.credentials)
      last = std::max(last, one.expiresAt.value_or(now + kSlotTokenLife) + kLeeway);
  }
  return last;
}

Json releaseOf(const api::TaskGrant& grant) {
  std::vector<std::string> finalizers = grant.meta.finalizers;
  std::erase(finalizers, api::kFinalizer);
  Json out = {{"metadata",
               {{"resourceVersion", grant.meta.resourceVersion},
                {"finalizers", finalizers.empty() ? Json(nullptr) : Json(finalizers)}}}};
  if (!grant.terminal() && !grant.spec.revokeReason)
    out["spec"] = {{"revoke", {{"reason", kTakeOverReason}}}};
  return out;
}

Result<void> takeOver(const kube::Client& client, const Removal& removal, const Say& say) {
  if (const auto silent = requireSilence(client, removal, say); !silent) return silent;
  // A user without the right to read must not get as far as the policies.
  if (const auto readable = read(client, removal); !readable) return std::unexpected(readable.error());
  if (const auto lifted = liftGuards(client, removal, say); !lifted) return lifted;
  const auto done = revokeAndRemove(client, removal, say);
  if (removal.ns.empty()) return done;
  const auto restored = admitAgain(client, removal, say);
  return done ? restored : done;
}

}  // namespace errand::cli
