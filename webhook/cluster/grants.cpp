#include "webhook/cluster/grants.hpp"

#include <nlohmann/json.hpp>

#include "core/api/resource.hpp"
#include "core/base/log.hpp"

namespace errand::webhook {
namespace {

constexpr std::size_t kMostGrantsRead = 256;

void readGrants(kube::Store<api::TaskGrant>& store, const kube::Client& client, const std::string& ns) {
  const Result<nlohmann::json> list = client.list(api::kTaskGrants, {.ns = ns});
  if (!list) {
    if (list.error().kind != ErrorKind::Cancelled)
      log::warn("live read failed",
                {{"kind", api::kTaskGrants.kind}, {"namespace", ns}, {"error", list.error().message}});
    return;
  }
  for (const nlohmann::json& item : list->at("items"))
    if (auto grant = api::decode<api::TaskGrant>(item))
      store.upsert(std::make_shared<const api::TaskGrant>(std::move(*grant)));
}

template <class T>
void readInto(kube::Store<T>& store, const kube::Client& client, const api::Resource& resource,
              const std::string& ns, const std::string& name) {
  Result<nlohmann::json> object = client.get(resource, ns, name);
  Result<T> decoded = object ? api::decode<T>(*object) : std::unexpected(object.error());
  if (decoded) {
    store.upsert(std::make_shared<const T>(std::move(*decoded)));
  } else if (decoded.error().kind != ErrorKind::NotFound && decoded.error().kind != ErrorKind::Cancelled) {
    log::warn(
        "live read failed",
        {{"kind", resource.kind}, {"namespace", ns}, {"name", name}, {"error", decoded.error().message}});
  }
}

}  // namespace

GrantReads::GrantReads(const kube::Client& client, Caches& caches)
    : client_(client),
      caches_(caches),
      beside_(1, kMostGrantsRead, [this](const rules::NeedsGrant& missing) { read(missing); }) {}

void GrantReads::read(const rules::NeedsGrant& missing) const {
  if (missing.name.empty()) return readGrants(caches_.grants, client_, missing.ns);
  readInto(caches_.grants, client_, api::kTaskGrants, missing.ns, missing.name);
  const auto grant = caches_.grants.get(missing.ns, missing.name);
  if (grant == nullptr || caches_.identities.get(missing.ns, grant->spec.agentIdentity) != nullptr) return;
  readInto(caches_.identities, client_, api::kAgentIdentities, missing.ns, grant->spec.agentIdentity);
}

}  // namespace errand::webhook
