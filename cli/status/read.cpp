#include "cli/status/read.hpp"

#include <nlohmann/json.hpp>

namespace errand::cli {
namespace {

template <class T>
std::optional<std::vector<T>> readAll(const kube::Client& client, const api::Resource& resource,
                                      const kube::ListOptions& options, std::vector<Unread>& unread) {
  const std::string what = std::string(resource.plural) +
                           (options.ns.empty() ? " of all namespaces" : " of namespace " + options.ns);
  const auto list = client.list(resource, options);
  if (!list) {
    unread.push_back({what, list.error().message});
    return std::nullopt;
  }
  std::vector<T> out;
  for (const auto& item : list->value("items", nlohmann::json::array())) {
    auto object = api::decode<T>(item);
    if (object)
      out.push_back(std::move(*object));
    else
      unread.push_back({what, object.error().message});
  }
  return out;
}

}  // namespace

StatusInput readStatusInput(const kube::Client& client, const std::string& ns) {
  StatusInput out;
  out.ns = ns;
  out.identities = readAll<api::AgentIdentity>(client, api::kAgentIdentities, {.ns = ns}, out.unread);
  out.grants = readAll<api::TaskGrant>(client, api::kTaskGrants, {.ns = ns}, out.unread);
  out.accounts = readAll<api::PartialObject>(
      client, api::kServiceAccounts,
      {.ns = ns, .labelSelector = std::string(api::kIdentityLabel), .metadataOnly = true}, out.unread);
  return out;
}

}  // namespace errand::cli
