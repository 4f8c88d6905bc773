#include "operator/control/sweep.hpp"

#include "core/base/log.hpp"
#include "core/base/memory.hpp"
#include "core/base/metrics.hpp"

namespace errand::control {
namespace {

constexpr Seconds kInterval{60};

bool isRunning(const api::TaskGrant& grant) { return grant.status.startedAt && !grant.terminal(); }

}  // namespace

// True if the grant that the object's label names still owns it. Reads from the API server, because the cache
// may not have the grant yet.
Result<bool> SweepController::grantStillOwns(const std::string& ns, const plan::Leftover& leftover) const {
  if (leftover.grant.empty()) return false;
  const auto read = c_.applier.read(ns, leftover.grant);
  if (!read && read.error().kind == ErrorKind::NotFound) return false;
  if (!read) return std::unexpected(read.error());
  const api::TaskGrant& grant = **read;
  // The grant's own plan handles its objects: those with its uid as label, or with a name derived
  // from its uid.
  if (leftover.resource.kind == api::kSecrets.kind) {
    const auto secret = c_.stores.secrets.get(ns, leftover.name);
    return secret && secret->meta.label(api::kGrantUidLabel) == grant.meta.uid;
  }
  const bool mayHave = leftover.resource.kind == api::kServiceAccounts.kind || isRunning(grant);
  return mayHave && leftover.name.starts_with(api::grantAccountName(grant.meta.uid));
}

Reconciled SweepController::reconcile(const kube::ObjectKey& key) {
  const std::string& ns = key.name;
  if (!c_.stores.namespaces.get("", ns)) return {};
  if (!c_.stores.namespaceSynced(ns)) return {.again = kInterval};
  plan::SweepInput input{c_.stores.bindings.list(ns), c_.stores.secrets.list(ns),
                         c_.stores.accounts.list(ns)};
  c_.stores.grants.each(ns, [&](const api::TaskGrant& grant) {
    input.liveUids.insert(grant.meta.uid);
    if (isRunning(grant)) input.runningUids.insert(grant.meta.uid);
    return true;
  });
  c_.stores.identities.each(ns, [&](const api::AgentIdentity& identity) {
    input.identities.insert(identity.meta.name);
    return true;
  });
  // Lists and full queues leave much free memory. It is returned to the system here, where no user waits.
  if (const auto now = c_.clock.monotonic(); now - memoryReleased_ > kInterval / 2) {
    memoryReleased_ = now;
    releaseMemory();
  }
  Reconciled out{.again = kInterval};
  for (const plan::Leftover& leftover : plan::leftovers(input)) {
    // An error with one object must not prevent the deletion of the others.
    const auto keep = [&](const Error& error) {
      if (!out.error) out.error = error;
    };
    const auto exists = grantStillOwns(ns, leftover);
    if (!exists) keep(exists.error());
    if (!exists || *exists) continue;
    const plan::Delete removal{leftover.resource, leftover.name, leftover.uid};
    if (const auto done = c_.applier.remove(removal, ns); !done) {
      keep(done.error());
      continue;
    }
    metrics::counter("errand_swept_objects_total",
                     "Objects that a sweep removed, because no grant or agent owns them.",
                     {{"kind", std::string(leftover.resource.kind)}})
        .increment();
    log::warn("removed what no grant or agent owns", {{"controller", name()},
                                                      {"namespace", ns},
                                                      {"kind", leftover.resource.kind},
                                                      {"name", leftover.name},
                                                      {"grant", leftover.grant}});
  }
  return out;
}

}  // namespace errand::control
