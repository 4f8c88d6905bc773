#include "cli/uninstall/read.hpp"

#include <nlohmann/json.hpp>

#include "core/api/codec.hpp"

namespace errand::cli {
namespace {

// Returns nullopt if the object does not exist.
Result<std::optional<nlohmann::json>> find(const kube::Client& client, const api::Resource& resource,
                                           const std::string& ns) {
  auto object = client.get(resource, ns, kOperatorName);
  if (object) return std::optional(std::move(*object));
  if (object.error().kind == ErrorKind::NotFound) return std::nullopt;
  return std::unexpected(std::move(object.error()));
}

std::optional<std::vector<api::PartialObject>> readNamespaces(const kube::Client& client,
                                                              const std::string& only,
                                                              std::vector<Unread>& unread) {
  kube::ListOptions options{.metadataOnly = true};
  if (!only.empty()) options.fieldSelector = "metadata.name=" + only;
  return readAll<api::PartialObject>(client, api::kNamespaces, options, unread);
}

}  // namespace

std::optional<std::vector<api::TaskGrant>> readGrants(const kube::Client& client, const std::string& ns,
                                                      std::vector<Unread>& unread) {
  std::vector<Unread> failures;
  auto grants = readAll<api::TaskGrant>(client, api::kTaskGrants, {.ns = ns}, failures);
  // The API server answers NotFound to a list only if it does not know the kind.
  if (!grants && failures.front().kind == ErrorKind::NotFound) return std::vector<api::TaskGrant>{};
  unread.insert(unread.end(), failures.begin(), failures.end());
  return grants;
}

ClusterObjects readClusterObjects(const kube::Client& client, const ReadScope& scope) {
  ClusterObjects out;
  out.grants = readGrants(client, scope.ns, out.unread);
  out.bindings = readAll<api::RoleBinding>(client, api::kRoleBindings, {.ns = scope.ns}, out.unread);
  out.accounts = readAll<api::PartialObject>(client, api::kServiceAccounts,
                                             {.ns = scope.ns, .metadataOnly = true}, out.unread);
  if (scope.secrets)
    out.secrets = readAll<api::PartialObject>(client, api::kSecrets, {.ns = scope.ns, .metadataOnly = true},
                                              out.unread);
  out.namespaces = readNamespaces(client, scope.ns, out.unread);
  return out;
}

Result<OperatorFacts> readOperator(const kube::Client& client, const std::string& operatorNamespace) {
  OperatorFacts out;
  const auto deployment = find(client, api::kDeployments, operatorNamespace);
  if (!deployment) return std::unexpected(deployment.error());
  if (*deployment) {
    const auto spec = (*deployment)->value("spec", nlohmann::json::object());
    const auto status = (*deployment)->value("status", nlohmann::json::object());
    out.deployment = {.wanted = spec.value("replicas", 1),
                      .current = status.value("replicas", 0),
                      .ready = status.value("readyReplicas", 0)};
  }
  const auto lease = find(client, api::kLeases, operatorNamespace);
  if (!lease) return std::unexpected(lease.error());
  if (*lease) {
    auto decoded = api::decode<api::Lease>(**lease);
    if (!decoded) return std::unexpected(std::move(decoded.error()).in("Lease errand-operator"));
    out.lease = std::move(*decoded);
  }
  return out;
}

}  // namespace errand::cli
