#include "cli/cluster/readall.hpp"

#include <nlohmann/json.hpp>

#include "core/api/agentidentity.hpp"
#include "core/api/taskgrant.hpp"

namespace errand::cli {

template <class T>
std::optional<std::vector<T>> readAll(const kube::Client& client, const api::Resource& resource,
                                      const kube::ListOptions& options, std::vector<Unread>& unread) {
  const std::string what = std::string(resource.plural) +
                           (options.ns.empty() ? " of all namespaces" : " of namespace " + options.ns);
  const auto list = client.list(resource, options);
  if (!list) {
    unread.push_back({what, list.error().message, list.error().kind});
    return std::nullopt;
  }
  std::vector<T> out;
  for (const auto& item : list->value("items", nlohmann::json::array())) {
    auto object = api::decode<T>(item);
    if (object)
      out.push_back(std::move(*object));
    else
      unread.push_back({what, object.error().message, object.error().kind});
  }
  return out;
}

#define ERRAND_READ_ALL(T)                                                                     \
  template std::optional<std::vector<T>> readAll<T>(const kube::Client&, const api::Resource&, \
                                                    const kube::ListOptions&, std::vector<Unread>&)
ERRAND_READ_ALL(api::AgentIdentity);
ERRAND_READ_ALL(api::TaskGrant);
ERRAND_READ_ALL(api::PartialObject);
ERRAND_READ_ALL(api::RoleBinding);
#undef ERRAND_READ_ALL

}  // namespace errand::cli
