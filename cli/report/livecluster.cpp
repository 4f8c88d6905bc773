#include "cli/report/livecluster.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <span>

#include "rules/catalogue/secret/synced.hpp"

namespace errand::cli {
namespace {

using nlohmann::json;

constexpr std::array kContext = {api::kAgentIdentities, api::kTaskGrants, api::kExemptions};

constexpr std::array kInNamespaces = std::to_array<api::Resource>({
    api::kPods,
    api::kConfigMaps,
    {"", "v1", "podtemplates", "PodTemplate"},
    {"", "v1", "replicationcontrollers", "ReplicationController"},
    api::kServiceAccounts,
    {"apps", "v1", "daemonsets", "DaemonSet"},
    api::kDeployments,
    api::kReplicaSets,
    api::kStatefulSets,
    api::kCronJobs,
    api::kJobs,
    api::kRoleBindings,
    api::kRoles,
    {"cert-manager.io", "v1", "certificaterequests", "CertificateRequest"},
    {"cert-manager.io", "v1", "certificates", "Certificate"},
});

constexpr std::array kOfTheCluster = std::to_array<api::Resource>({
    api::kClusterRoleBindings,
    api::kClusterRoles,
    {"", "v1", "persistentvolumes", "PersistentVolume"},
});

constexpr const char* kTokenType = "kubernetes.io/service-account-token";

std::string apiVersionOf(const api::Resource& resource) {
  return resource.group.empty() ? std::string(resource.version)
                                : fmt::format("{}/{}", resource.group, resource.version);
}

// True for an object whose template or spec a controller has copied. It is checked in the object of its
// author.
bool isCopy(const LiveObject& object) {
  constexpr auto kCopies = std::to_array<std::string_view>({"CertificateRequest", "Job", "ReplicaSet"});
  return !object.owner.empty() && std::ranges::find(kCopies, object.view.kind) != kCopies.end();
}

class Reading {
 public:
  Reading(const kube::Client& client, const LiveScope& scope) : client_(client), scope_(scope) {}

  Result<LiveCluster> run() {
    if (auto listed = namespaces(); !listed) return std::unexpected(listed.error());
    for (const std::string& ns : out_.namespaces) {
      out_.context.addNamespace(ns, {{std::string(api::kEnforceLabel), "true"}});  // as if it were enforced
      for (const api::Resource& resource : kContext)
        each(resource, ns, {}, [&](json& item) { know(resource, ns, item); });
      for (const auto& kinds : {std::span<const api::Resource>(kInNamespaces),
                                std::span<const api::Resource>(rules::kSyncedKinds)})
        for (const api::Resource& resource : kinds)
          each(resource, ns, {}, [&](json& item) { take(resource, ns, item); });
      if (scope_.secrets) readTokens(ns);
    }
    if (scope_.ns.empty())
      for (const auto& kinds : {std::span<const api::Resource>(kOfTheCluster),
                                std::span<const api::Resource>(rules::kSyncedClusterKinds)})
        for (const api::Resource& resource : kinds)
          each(resource, "", {}, [&](json& item) { take(resource, "", item); });
    else
      each(api::kClusterRoles, "", {}, [&](json& item) { knowRole(item); });
    out_.notInstalled.assign(absent_.begin(), absent_.end());
    return std::move(out_);
  }

 private:
  Result<void> namespaces() {
    if (!scope_.ns.empty()) {
      out_.namespaces.push_back(scope_.ns);
      return {};
    }
    const Result<json> all = client_.list(
        api::kNamespaces,
        {.labelSelector = fmt::format("{} in (true,warn,audit)", api::kEnforceLabel), .metadataOnly = true});
    if (!all) return std::unexpected(all.error());
    for (const json& item : all->at("items")) out_.namespaces.push_back(item.at("metadata").at("name"));
    return {};
  }

  template <class F>
  void each(const api::Resource& resource, const std::string& ns, kube::ListOptions options, F f) {
    options.ns = ns;
    const std::string kind = fmt::format("{}.{}", resource.plural, resource.group);
    if (absent_.contains(kind)) return;
    Result<json> list = client_.list(resource, options);
    if (!list) {
      if (isAbsent(resource, list.error()))
        absent_.insert(kind);
      else
        out_.broken.push_back(
            {ns.empty() ? std::string(resource.plural) : fmt::format("{}/{}", ns, resource.plural), 0,
             list.error().message});
      return;
    }
    for (json& item : list->at("items")) f(item);
  }

  // A cluster need not have every kind. One that is missing is missing in every namespace. A user without
  // rights to a missing kind gets Forbidden, because the API server checks the rights first.
  bool isAbsent(const api::Resource& resource, const Error& error) {
    if (error.kind == ErrorKind::NotFound) return true;
    if (error.kind != ErrorKind::Forbidden || resource.group.empty()) return false;
    const auto [it, isNew] = served_.try_emplace(fmt::format("{}/{}", resource.group, resource.version));
    if (isNew) it->second = client_.servedKinds(resource.group, resource.version);
    if (!it->second) return it->second.error().kind == ErrorKind::NotFound;
    return std::ranges::find(*it->second, resource.plural) == it->second->end();
  }

  void know(const api::Resource& resource, const std::string& ns, const json& item) {
    if (const Result<void> known = out_.context.addObject(resource.kind, item.dump(), ns, Origin::Cluster);
        !known)
      out_.broken.push_back({fmt::format("{}/{}", ns, resource.plural), 0, known.error().message});
  }

  // ClusterRoles are read because bindings and identities of the namespace name them. The report does not
  // check the roles themselves.
  void knowRole(json& item) {
    if (const auto view = viewOf(api::kClusterRoles, "", item)) out_.context.addRole(*view, "");
  }

  // Sets the kind of an item, which lists omit.
  std::optional<rules::ObjectView> viewOf(const api::Resource& resource, const std::string& ns, json& item) {
    item["apiVersion"] = apiVersionOf(resource);
    item["kind"] = resource.kind;
    Result<rules::ObjectView> view = rules::readObject(item.dump());
    if (view) return std::move(*view);
    out_.broken.push_back({fmt::format("{}/{}", ns, resource.plural), 0, view.error().message});
    return std::nullopt;
  }

  void take(const api::Resource& resource, const std::string& ns, json& item) {
    std::optional<rules::ObjectView> view = viewOf(resource, ns, item);
    if (!view) return;
    out_.context.addRole(*view, ns);
    LiveObject object{std::move(*view), ns, apiVersionOf(resource), {}, {}, {}};
    const json& meta = item["metadata"];
    object.uid = meta.value("uid", "");
    object.resourceVersion = meta.value("resourceVersion", "");
    for (const json& owner : meta.value("ownerReferences", json::array()))
      if (owner.value("controller", false))
        object.owner = owner.value("kind", "") + " " + owner.value("name", "");
    if (!isCopy(object)) out_.objects.push_back(std::move(object));
  }

  // Only the type of a Secret is needed, and the server selects by it.
  void readTokens(const std::string& ns) {
    each(api::kSecrets, ns, {.fieldSelector = fmt::format("type={}", kTokenType), .metadataOnly = true},
         [&](json& item) {
           item["type"] = kTokenType;
           take(api::kSecrets, ns, item);
         });
  }

  const kube::Client& client_;
  const LiveScope& scope_;
  std::set<std::string> absent_;                                    // kinds that the cluster does not have
  std::map<std::string, Result<std::vector<std::string>>> served_;  // by group and version
  LiveCluster out_;
};

}  // namespace

Result<LiveCluster> readCluster(const kube::Client& client, const LiveScope& scope) {
  return Reading(client, scope).run();
}

}  // namespace errand::cli
