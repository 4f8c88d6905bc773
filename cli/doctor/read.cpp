#include "cli/doctor/read.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/verdict/fields.hpp"
#include "core/api/provenance.hpp"
#include "core/api/webhooks.hpp"

namespace errand::cli {
namespace {

using nlohmann::json;

// Deciding fields of a rule that lets its holder request grants.
bool mayRequest(const api::PolicyRule& rule) {
  const auto has = [](const std::vector<std::string>& list, std::string_view value) {
    return std::ranges::any_of(list, [&](const std::string& v) { return v == "*" || v == value; });
  };
  return has(rule.groups, "errand.dev") && has(rule.resources, "agentidentities") &&
         has(rule.verbs, "request");
}

std::string inWords(const api::Subject& subject) {
  return subject.kind == "ServiceAccount"
             ? fmt::format("ServiceAccount {}/{}", subject.ns, subject.name)
             : fmt::format("{} {}", subject.kind == "Group" ? "group" : "user", subject.name);
}

std::string nameOf(const json& item) { return textAt(objectAt(item, "metadata"), "name"); }

class InstallationReader {
 public:
  InstallationReader(const kube::Client& client, const std::string& operatorNamespace) : client_(client) {
    out_.operatorNamespace = operatorNamespace;
  }

  Result<DoctorFacts> run() {
    auto kinds = client_.servedKinds(api::kTaskGrants.group, api::kTaskGrants.version);
    if (!kinds && kinds.error().kind != ErrorKind::NotFound && kinds.error().kind != ErrorKind::Forbidden)
      return std::unexpected(kinds.error());
    out_.kinds = readOf(std::move(kinds));
    for (const char* name : {"errand-operator", "errand-webhook", "errand-cainjector", "errand-scanner"})
      out_.deployments.push_back({name, replicas(name)});
    out_.lease =
        readOf(decoded<api::Lease>(client_.get(api::kLeases, out_.operatorNamespace, "errand-operator")));
    webhooks(api::kMutatingWebhooks);
    webhooks(api::kValidatingWebhooks);
    policies();
    guards();
    namespaces();
    out_.identities = all<api::AgentIdentity>(api::kAgentIdentities, {});
    out_.grants = all<api::TaskGrant>(api::kTaskGrants, {});
    requesters();
    return std::move(out_);
  }

 private:
  template <class T>
  static Result<T> decoded(const Result<json>& object) {
    if (!object) return std::unexpected(object.error());
    return api::decode<T>(*object);
  }

  // Lists objects. One that cannot be decoded makes the list unknown.
  template <class T>
  Read<std::vector<T>> all(const api::Resource& resource, const kube::ListOptions& options) {
    const auto list = client_.list(resource, options);
    if (!list) return readOf(Result<std::vector<T>>(std::unexpected(list.error())));
    std::vector<T> out;
    for (const json& item : list->at("items")) {
      auto object = api::decode<T>(item);
      if (!object) return {.unread = object.error().message};
      out.push_back(std::move(*object));
    }
    return {.value = std::move(out)};
  }

  Read<std::vector<std::string>> names(const api::Resource& resource, const kube::ListOptions& options,
                                       const char* field) {
    const auto list = client_.list(resource, options);
    if (!list) return readOf(Result<std::vector<std::string>>(std::unexpected(list.error())));
    std::vector<std::string> out;
    for (const json& item : list->at("items")) out.push_back(textAt(objectAt(item, "metadata"), field));
    return {.value = std::move(out)};
  }

  Read<DeploymentRead::Replicas> replicas(const char* name) {
    const auto object = client_.get(api::kDeployments, out_.operatorNamespace, name);
    if (!object) return readOf(Result<DeploymentRead::Replicas>(std::unexpected(object.error())));
    return {.value = DeploymentRead::Replicas{numberAt(objectAt(*object, "spec"), "replicas", 1),
                                              numberAt(objectAt(*object, "status"), "readyReplicas", 0)}};
  }

  void webhooks(const api::Resource& resource) {
    WebhooksRead out{std::string(resource.kind), {}};
    const auto object = client_.get(resource, "", "errand");
    if (!object) {
      out.found = readOf(Result<WebhooksRead::Webhooks>(std::unexpected(object.error())));
    } else {
      auto bundles = api::caBundles(*object);
      if (!bundles) {
        out.found.unread = bundles.error().message;
      } else {
        WebhooksRead::Webhooks found{std::move(*bundles), false};
        for (const json& webhook : listAt(*object, "webhooks"))
          found.byUrl |= objectAt(webhook, "clientConfig").contains("url");
        out.found.value = std::move(found);
      }
    }
    out_.webhooks.push_back(std::move(out));
  }

  void policies() {
    out_.policies = names(api::kAdmissionPolicies, {.metadataOnly = true}, "name");
    const auto list = client_.list(api::kAdmissionBindings, {});
    if (!list) {
      out_.bindings = readOf(Result<std::vector<PolicyBindingRead>>(std::unexpected(list.error())));
      return;
    }
    out_.bindings.value.emplace();
    for (const json& item : list->at("items"))
      out_.bindings.value->push_back({nameOf(item), textAt(objectAt(item, "spec"), "policyName")});
  }

  void guards() {
    const auto record = client_.get(api::kConfigMaps, out_.operatorNamespace, "errand-guards");
    if (!record)
      out_.guardsSince = readOf(Result<std::string>(std::unexpected(record.error())));
    else if (std::string since = textAt(objectAt(*record, "data"), "since"); !since.empty())
      out_.guardsSince.value = std::move(since);
  }

  void namespaces() {
    out_.namespaces = all<api::PartialObject>(api::kNamespaces, {.metadataOnly = true});
    out_.bound = bound();
    out_.bindRoles =
        names(api::kRoles, {.fieldSelector = "metadata.name=errand-operator-bind", .metadataOnly = true},
              "namespace");
  }

  // The operator's own namespace has a RoleBinding of the same name for another role.
  Read<std::vector<std::string>> bound() {
    auto bindings =
        all<api::RoleBinding>(api::kRoleBindings, {.fieldSelector = "metadata.name=errand-operator"});
    if (!bindings.value) return {.unread = std::move(bindings.unread)};
    std::vector<std::string> out;
    for (const api::RoleBinding& binding : *bindings.value)
      if (binding.role.name == "errand-operator-namespace") out.push_back(binding.meta.ns);
    return {.value = std::move(out)};
  }

  // Follows each binding to its role. A role that does not exist gives nothing.
  void requesters() {
    const auto roles = all<api::Role>(api::kRoles, {});
    const auto clusterRoles = all<api::Role>(api::kClusterRoles, {});
    const auto bindings = all<api::RoleBinding>(api::kRoleBindings, {});
    const auto clusterBindings = all<api::RoleBinding>(api::kClusterRoleBindings, {});
    for (const std::string* unread :
         {&roles.unread, &clusterRoles.unread, &bindings.unread, &clusterBindings.unread})
      if (!unread->empty()) {
        out_.requesters.unread = *unread;
        return;
      }
    std::map<std::pair<std::string, std::string>, bool> gives;  // by namespace and name
    for (const auto* list : {&roles, &clusterRoles})
      for (const api::Role& role : *list->value)
        gives[{role.meta.ns, role.meta.name}] = std::ranges::any_of(role.rules, mayRequest);
    out_.requesters.value.emplace();
    for (const auto* list : {&bindings, &clusterBindings})
      for (const api::RoleBinding& binding : *list->value) {
        const std::string ns = binding.role.kind == "Role" ? binding.meta.ns : "";
        if (const auto it = gives.find({ns, binding.role.name}); it == gives.end() || !it->second) continue;
        for (const api::Subject& subject : binding.subjects) {
          // A grant of a member of this group is denied, unless another binding gives the verb.
          if (subject.kind == "Group" && subject.name == api::kUnaccountableGroup) continue;
          out_.requesters.value->push_back(
              {binding.meta.ns, inWords(subject), binding.role.kind + "/" + binding.role.name});
        }
      }
  }

  const kube::Client& client_;
  DoctorFacts out_;
};

}  // namespace

Result<DoctorFacts> readInstallation(const kube::Client& client, const std::string& operatorNamespace) {
  return InstallationReader(client, operatorNamespace).run();
}

}  // namespace errand::cli
