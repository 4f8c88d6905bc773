#include "operator/control/sweep.hpp"

#include <nlohmann/json.hpp>

#include "core/base/log.hpp"
#include "core/base/memory.hpp"

namespace errand::control {
namespace {

constexpr Seconds kInterval{60};

bool isRunning(const api::TaskGrant& grant) { return grant.status.startedAt && !grant.terminal(); }

}  // namespace

// Reads from the API server, because the cache may not have the grant yet.
Result<bool> SweepController::grantExists(const std::string& ns, const plan::Leftover& leftover) const {
  if (leftover.grant.empty()) return false;
  const auto object = c_.client.get(api::kTaskGrants, ns, leftover.grant);
  if (!object && object.error().kind == ErrorKind::NotFound) return false;
  if (!object) return std::unexpected(object.error());
  const auto grant = api::decode<api::TaskGrant>(*object);
  if (!grant) return std::unexpected(grant.error());
  const api::ObjectMeta* meta = &grant->meta;
  // The grant's own plan handles its objects: those with its uid as label, or with a name derived
  // from its uid.
  if (leftover.resource.kind == api::kSecrets.kind) {
    const auto secret = c_.stores.secrets.get(ns, leftover.name);
    return secret && secret->meta.label(api::kGrantUidLabel) == meta->uid;
  }
  const bool mayHave = leftover.resource.kind == api::kServiceAccounts.kind || isRunning(*grant);
  return mayHave && leftover.name.starts_with(api::grantAccountName(meta->uid));
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
  // Lists and full queues leave much free memory. The process is idle here, so it returns that memory.
  if (const auto now = c_.clock.monotonic(); now - memoryReleased_ > kInterval / 2) {
    memoryReleased_ = now;
    releaseMemory();
  }
  for (const plan::Leftover& leftover : plan::leftovers(input)) {
    const auto exists = grantExists(ns, leftover);
    if (!exists) return {exists.error()};
    if (*exists) continue;
    const plan::Delete removal{leftover.resource, leftover.name, leftover.uid};
    if (auto done = c_.applier.remove(removal, ns); !done) return {std::move(done.error())};
    log::warn("removed what no grant or agent owns", {{"controller", name()},
                                                      {"namespace", ns},
                                                      {"kind", leftover.resource.kind},
                                                      {"name", leftover.name},
                                                      {"grant", leftover.grant}});
  }
  return {.again = kInterval};
}

}  // namespace errand::control
