#include "operator/apply/applier.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "operator/apply/secrets/leases.hpp"

namespace errand::apply {
namespace {

using nlohmann::json;

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

template <class T>
Result<void> remember(kube::Store<T>& store, const json& object) {
  auto decoded = api::decode<T>(object);
  if (!decoded) return std::unexpected(std::move(decoded.error()));
  store.upsert(std::make_shared<const T>(std::move(*decoded)));
  return {};
}

// Compares the ownership labels only: the others may differ between runs.
bool sameOwner(const api::ObjectMeta& a, const api::ObjectMeta& b) {
  return std::ranges::all_of(
      std::array{api::kGrantLabel, api::kGrantUidLabel, api::kIdentityLabel, api::kToolClassLabel},
      [&](std::string_view label) { return a.label(label) == b.label(label); });
}

// The API server allows only a lower activeDeadlineSeconds of a pod. It allows a higher one of a Job, but the
// policy errand-self-limits denies such an update by the operator.
json deadline(std::int64_t seconds) {
  return {{"op", "add"}, {"path", "/spec/activeDeadlineSeconds"}, {"value", seconds}};
}

template <class T>
Result<void> withoutAnswer(Result<T> result) {
  if (!result) return std::unexpected(std::move(result.error()));
  return {};
}

Result<void> ignoring(ErrorKind kind, Result<void> result) {
  if (!result && result.error().kind == kind) return {};
  return result;
}

}  // namespace

Result<void> Applier::carryOut(const plan::Action& action, const api::TaskGrant& grant) const {
  return std::visit(Overloaded{
                        [&](const plan::AddFinalizer&) { return patchFinalizers(grant, true); },
                        [&](const plan::RemoveFinalizer&) { return patchFinalizers(grant, false); },
                        [&](const plan::DeleteGrant&) { return deleteGrant(grant); },
                        [&](const plan::CreateAccount& a) { return withoutAnswer(create(a)); },
                        [&](const plan::CreateBinding& a) { return create(a, grant.meta.uid); },
                        [&](const plan::CheckLease& a) {
                          return withoutAnswer(readLease(client_, grant.meta.ns, a.source));
                        },
                        [&](const plan::CopyLease& a) { return copyLease(a, grant, client_, ownSecrets_); },
                        [&](const plan::FillSlot& a) { return slotFiller_.fill(a, grant); },
                        [&](const plan::LiftGate& a) { return liftGate(a, grant); },
                        [&](const plan::EndRun& a) { return endRun(a, grant); },
                        [&](const plan::Delete& a) -> Result<void> {
                          if (a.unlessRecorded)
                            if (auto unnamed = checkNotRecorded(a, grant); !unnamed) return unnamed;
                          if (a.keepToken)
                            if (auto kept = prover_.keepToken(a, grant);
                                !kept && kept.error().kind == ErrorKind::Cancelled)
                              return kept;
                          return remove(a, grant.meta.ns);
                        },
                        [&](const plan::MintProbe& a) { return prover_.mintProbe(a, grant); },
                        [&](const plan::ReviewToken&) { return prover_.reviewToken(grant); },
                    },
                    action);
}

Result<void> Applier::carryOut(const plan::IdentityAction& action, const api::AgentIdentity& identity) const {
  return std::visit(Overloaded{
                        [&](const plan::CreateAccount& a) { return withoutAnswer(create(a)); },
                        [&](const plan::RepairAccount& a) { return repair(a); },
                        [&](const plan::Delete& a) { return remove(a, identity.meta.ns); },
                    },
                    action);
}

Result<void> Applier::storeStatus(const api::TaskGrant& grant, const api::TaskGrantStatus& status) const {
  auto stored = client_.patchStatus(api::kTaskGrants, grant.meta.ns, grant.meta.name, api::encode(status),
                                    grant.meta.resourceVersion);
  if (!stored) return std::unexpected(std::move(stored.error()));
  return remember(stores_.grants, *stored);
}

Result<void> Applier::storeEnd(const api::TaskGrant& grant, const api::TaskGrantStatus& status) const {
  json only = json::array({{{"op", "test"}, {"path", "/metadata/uid"}, {"value", grant.meta.uid}}});
  if (grant.status.phase)
    only.push_back(
        {{"op", "test"}, {"path", "/status/phase"}, {"value", api::toString(*grant.status.phase)}});
  auto stored = client_.patchStatusIf(api::kTaskGrants, grant.meta.ns, grant.meta.name, std::move(only),
                                      api::encode(status));
  if (!stored) return std::unexpected(std::move(stored.error()));
  return remember(stores_.grants, *stored);
}

Result<void> Applier::storeStatus(const api::AgentIdentity& identity,
                                  const api::AgentIdentity::Status& status) const {
  auto stored = client_.patchStatus(api::kAgentIdentities, identity.meta.ns, identity.meta.name,
                                    api::encode(status), identity.meta.resourceVersion);
  if (!stored) return std::unexpected(std::move(stored.error()));
  return remember(stores_.identities, *stored);
}

// The resourceVersion is a precondition, so that a race fails instead of removing
// another controller's finalizer.
Result<void> Applier::patchFinalizers(const api::TaskGrant& grant, bool add) const {
  std::vector<std::string> wanted = grant.meta.finalizers;
  std::erase(wanted, api::kFinalizer);
  if (add) wanted.emplace_back(api::kFinalizer);
  auto stored = client_.mergePatch(
      api::kTaskGrants, grant.meta.ns, grant.meta.name,
      {{"metadata",
        {{"uid", grant.meta.uid}, {"resourceVersion", grant.meta.resourceVersion}, {"finalizers", wanted}}}});
  if (!stored && stored.error().kind == ErrorKind::NotFound && !add) return {};
  if (!stored) return std::unexpected(std::move(stored.error()));
  if (add) return remember(stores_.grants, *stored);
  stores_.grants.remove(grant.meta.ns, grant.meta.name, grant.meta.uid);
  return {};
}

Result<void> Applier::deleteGrant(const api::TaskGrant& grant) const {
  return ignoring(ErrorKind::NotFound,
                  client_.remove(api::kTaskGrants, grant.meta.ns, grant.meta.name, grant.meta.uid));
}

// Never adopts an existing account: its labels and owner do not prove who created it.
Result<std::string> Applier::create(const plan::CreateAccount& action) const {
  auto made = client_.create(api::kServiceAccounts, action.account.meta.ns, api::encode(action.account));
  if (!made) return std::unexpected(std::move(made.error()));
  auto account = api::decode<api::ServiceAccount>(*made);
  if (!account) return std::unexpected(std::move(account.error()));
  std::string uid = account->meta.uid;
  stores_.accounts.upsert(std::make_shared<const api::ServiceAccount>(std::move(*account)));
  return uid;
}

Result<void> Applier::markEnforced(const plan::MarkEnforced& action) const {
  auto stored =
      client_.mergePatch(api::kNamespaces, "", action.ns,
                         {{"metadata",
                           {{"uid", action.uid},
                            {"resourceVersion", action.version},
                            {"annotations", {{api::kEnforcedSinceAnnotation, formatTime(action.since)}}}}}});
  if (!stored) return std::unexpected(std::move(stored.error()));
  return remember(stores_.namespaces, *stored);
}

Result<std::string> Applier::rootCa(const std::string& ns) const {
  auto stored = client_.get(api::kConfigMaps, ns, "kube-root-ca.crt");
  if (!stored) return std::unexpected(std::move(stored.error()));
  auto map = api::decode<api::ConfigMap>(*stored);
  if (!map) return std::unexpected(std::move(map.error()));
  const auto found = map->data.find("ca.crt");
  if (found == map->data.end())
    return fail(ErrorKind::NotFound,
                fmt::format("ConfigMap kube-root-ca.crt of namespace {} has no ca.crt", ns));
  return std::move(found->second);
}

// Adopts the binding of an interrupted run for the same owner.
Result<void> Applier::create(const plan::CreateBinding& action, const std::string& ownerUid) const {
  const api::ObjectMeta& meta = action.binding.meta;
  auto made = client_.create(api::kRoleBindings, meta.ns, api::encode(action.binding));
  if (!made && made.error().kind == ErrorKind::AlreadyExists)
    made = client_.get(api::kRoleBindings, meta.ns, meta.name);
  if (!made) return std::unexpected(std::move(made.error()));
  auto binding = api::decode<api::RoleBinding>(*made);
  if (!binding) return std::unexpected(std::move(binding.error()));
  if (!binding->meta.ownedBy(ownerUid) || !sameOwner(binding->meta, meta))
    return fail(ErrorKind::AlreadyExists,
                fmt::format("RoleBinding {} exists and was not made for this object; delete it", meta.name));
  stores_.bindings.upsert(std::make_shared<const api::RoleBinding>(std::move(*binding)));
  return {};
}

Result<void> Applier::repair(const plan::RepairAccount& action) const {
  auto stored = client_.apply(api::kServiceAccounts, action.account.meta.ns, action.account.meta.name,
                              api::encode(action.account));
  if (!stored) return std::unexpected(std::move(stored.error()));
  return remember(stores_.accounts, *stored);
}

Result<void> Applier::liftGate(const plan::LiftGate& action, const api::TaskGrant& grant) const {
  const std::string path = fmt::format("/spec/schedulingGates/{}", action.index);
  json patch = json::array({{{"op", "test"}, {"path", "/metadata/uid"}, {"value", action.uid}},
                            {{"op", "test"}, {"path", path + "/name"}, {"value", api::kSchedulingGate}},
                            {{"op", "remove"}, {"path", path}}});
  if (action.deadline) patch.push_back(deadline(*action.deadline));
  auto stored = client_.jsonPatch(api::kPods, grant.meta.ns, action.pod, std::move(patch));
  if (stored) return remember(stores_.pods, *stored);
  // The pod was deleted or its gates have changed: its next event triggers another plan.
  if (stored.error().kind == ErrorKind::NotFound || stored.error().kind == ErrorKind::Invalid) return {};
  return std::unexpected(std::move(stored.error()));
}

bool Applier::isGone(const api::Resource& resource, const std::string& ns, const std::string& name,
                     const std::string& uid) const {
  const auto there = client_.getMetadata(resource, ns, name);
  return there ? there->meta.uid != uid : there.error().kind == ErrorKind::NotFound;
}

Result<void> Applier::endRun(const plan::EndRun& action, const api::TaskGrant& grant) const {
  auto stored = client_.jsonPatch(
      action.resource, grant.meta.ns, action.name,
      json::array({{{"op", "test"}, {"path", "/metadata/uid"}, {"value", action.uid}}, deadline(1)}));
  if (!stored && stored.error().kind == ErrorKind::NotFound) return {};
  if (!stored && stored.error().kind == ErrorKind::Invalid) {
    // Another object has that name, or the API server rejects the change.
    if (isGone(action.resource, grant.meta.ns, action.name, action.uid)) return {};
  }
  if (!stored) return std::unexpected(std::move(stored.error()));
  return action.resource.kind == api::kJobs.kind ? remember(stores_.jobs, *stored)
                                                 : remember(stores_.pods, *stored);
}

// Another process may have created the account and stored its uid, before this process's watch
// delivers that status.
Result<void> Applier::checkNotRecorded(const plan::Delete& action, const api::TaskGrant& grant) const {
  const auto live = read(grant.meta.ns, grant.meta.name);
  if (!live) return std::unexpected(live.error());
  if ((*live)->meta.uid == grant.meta.uid && (*live)->status.serviceAccount.uid != action.uid) return {};
  return fail(ErrorKind::Conflict, fmt::format("ServiceAccount {} is the grant's after all", action.name));
}

Result<void> Applier::remove(const plan::Delete& action, const std::string& ns) const {
  auto removed = client_.remove(action.resource, ns, action.name, action.uid);
  bool gone = !removed && removed.error().kind == ErrorKind::NotFound;
  if (!removed && removed.error().kind == ErrorKind::Conflict) {
    // Either another object has that name, or an admission webhook rejects the deletion with Conflict. In the
    // second case the rights still exist.
    gone = isGone(action.resource, ns, action.name, action.uid);
  }
  const bool excused = !removed && action.bestEffort && removed.error().kind == ErrorKind::Forbidden;
  if (!removed && !gone) return excused ? Result<void>() : removed;
  if (action.resource.kind == api::kServiceAccounts.kind)
    stores_.accounts.remove(ns, action.name, action.uid);
  if (action.resource.kind == api::kRoleBindings.kind) stores_.bindings.remove(ns, action.name, action.uid);
  if (action.resource.kind == api::kSecrets.kind) stores_.secrets.remove(ns, action.name, action.uid);
  return {};
}

}  // namespace errand::apply
