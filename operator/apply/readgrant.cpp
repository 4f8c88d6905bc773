#include "operator/apply/readgrant.hpp"

#include <nlohmann/json.hpp>

namespace errand::apply {

Result<std::shared_ptr<const api::TaskGrant>> readGrant(const kube::Client& client, state::Stores& stores,
                                                        const std::string& ns, const std::string& name) {
  auto stored = client.get(api::kTaskGrants, ns, name);
  if (!stored) return std::unexpected(std::move(stored.error()));
  auto live = api::decode<api::TaskGrant>(*stored);
  if (!live) return std::unexpected(std::move(live.error()));
  auto grant = std::make_shared<const api::TaskGrant>(std::move(*live));
  stores.grants.upsert(grant);
  return grant;
}

}  // namespace errand::apply
