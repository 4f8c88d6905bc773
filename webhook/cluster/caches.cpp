#include "webhook/cluster/caches.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace errand::webhook {
namespace {

using AccountKey = kube::IndexKey<struct AccountForm>;
using WorkloadKey = kube::IndexKey<struct WorkloadForm>;
constexpr kube::IndexHandle<api::TaskGrant, AccountKey> kByAccount{"account"};
constexpr kube::IndexHandle<api::TaskGrant, WorkloadKey> kByWorkload{"workload"};

AccountKey accountKey(std::string_view ns, std::string_view account) {
  return AccountKey(fmt::format("{}/{}", ns, account));
}

WorkloadKey workloadKey(std::string_view ns, std::string_view kind, std::string_view name) {
  return WorkloadKey(fmt::format("{}/{}/{}", ns, kind, name));
}

}  // namespace

Caches::Caches() {
  grants.addIndex(kByAccount, [](const api::TaskGrant& grant) {
    return std::vector{accountKey(grant.meta.ns, api::grantAccountName(grant.meta.uid))};
  });
  grants.addIndex(kByWorkload, [](const api::TaskGrant& grant) {
    if (grant.terminal()) return std::vector<WorkloadKey>();
    const auto& [kind, name] = grant.spec.workload;
    return std::vector{workloadKey(grant.meta.ns, api::toString(kind), name)};
  });
}

Result<void> Caches::synced() const {
  std::vector<std::string_view> missing;
  if (!grants.synced()) missing.push_back("TaskGrants");
  if (!identities.synced()) missing.push_back("AgentIdentities");
  if (!exemptions.synced()) missing.push_back("Exemptions");
  if (!namespaces.synced()) missing.push_back("Namespaces");
  if (missing.empty()) return {};
  return fail(ErrorKind::Unavailable, fmt::format("not listed yet: {}", fmt::join(missing, ", ")));
}

std::shared_ptr<const api::TaskGrant> CachedState::grant(std::string_view ns, std::string_view name) const {
  return caches_.grants.get(ns, name);
}

std::shared_ptr<const api::TaskGrant> CachedState::grantOfAccount(std::string_view ns,
                                                                  std::string_view account) const {
  const auto found = caches_.grants.byIndex(kByAccount, accountKey(ns, account));
  return found.empty() ? nullptr : found.front();
}

std::vector<std::shared_ptr<const api::TaskGrant>> CachedState::grantsOfWorkload(
    std::string_view ns, std::string_view kind, std::string_view name) const {
  return caches_.grants.byIndex(kByWorkload, workloadKey(ns, kind, name));
}

std::shared_ptr<const api::AgentIdentity> CachedState::identity(std::string_view ns,
                                                                std::string_view name) const {
  return caches_.identities.get(ns, name);
}

std::vector<std::shared_ptr<const api::AgentIdentity>> CachedState::identities(std::string_view ns) const {
  return ns.empty() ? caches_.identities.listAll() : caches_.identities.list(ns);
}

std::vector<std::shared_ptr<const api::Exemption>> CachedState::exemptions(std::string_view ns) const {
  return caches_.exemptions.list(ns);
}

std::shared_ptr<const api::PartialObject> CachedState::ofNamespace(std::string_view ns) const {
  return caches_.namespaces.get("", ns);
}

}  // namespace errand::webhook
