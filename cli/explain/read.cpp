#include "cli/explain/read.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "cli/verdict/ask.hpp"
#include "cli/verdict/fields.hpp"
#include "core/api/provenance.hpp"
#include "rules/view/objectview.hpp"

namespace errand::cli {
namespace {

using nlohmann::json;

constexpr std::array kWorkloads = {api::kJobs, api::kPods, api::kDeployments, api::kStatefulSets};
constexpr size_t kMostAgents = 20;  // whose verbs are asked for, each by a request
constexpr size_t kMostEvents = 5;

const api::Resource* workloadResource(std::string_view kind) {
  const auto* const found = std::ranges::find(kWorkloads, kind, &api::Resource::kind);
  return found == kWorkloads.end() ? nullptr : found;
}

std::string namesOf(const std::vector<ObjectName>& objects) {
  std::vector<std::string> out;
  for (const ObjectName& object : objects) out.push_back(object.text());
  return fmt::format("{}", fmt::join(out, ", "));
}

template <class T>
Result<T> decoded(const Result<json>& object) {
  if (!object) return std::unexpected(object.error());
  return api::decode<T>(*object);
}

template <class T>
policy::WorkloadFacts metaFacts(const T& object) {
  policy::WorkloadFacts out;
  out.uid = object.meta.uid;
  out.deleting = object.meta.deletionTimestamp.has_value();
  out.created = object.meta.creationTimestamp;
  out.slots = object.slots;
  return out;
}

Result<policy::WorkloadFacts> factsOf(std::string_view kind, const json& object) {
  if (kind == "Job") {
    const auto job = api::decode<api::Job>(object);
    if (!job) return std::unexpected(job.error());
    auto out = metaFacts(*job);
    out.podLabels = job->podLabels;
    out.complete = job->complete;
    out.failed = job->failed;
    out.message = job->message;
    out.suspended = job->suspended;
    return out;
  }
  if (kind == "Pod") {
    const auto pod = api::decode<api::Pod>(object);
    if (!pod) return std::unexpected(pod.error());
    auto out = metaFacts(*pod);
    out.podLabels = pod->meta.labels;
    out.complete = pod->phase == "Succeeded";
    out.failed = pod->phase == "Failed";
    return out;
  }
  const auto workload = api::decode<api::Workload>(object);
  if (!workload) return std::unexpected(workload.error());
  auto out = metaFacts(*workload);
  out.podLabels = workload->podLabels;
  return out;
}

// Returns the pod as its controller will create it.
Result<rules::PodView> podOf(std::string_view kind, const json& object) {
  auto view = rules::readObject(object.dump());
  if (!view) return std::unexpected(view.error());
  if (!view->pod) return fail(ErrorKind::Invalid, fmt::format("{} has no pod template", kind));
  rules::PodView out = std::move(*view->pod);
  if (kind == "Pod") return out;
  const json& meta = objectAt(object, "metadata");
  out.owners = {{kind == "Job" ? "batch/v1" : "apps/v1", std::string(kind), textAt(meta, "name"),
                 textAt(meta, "uid"), true}};
  return out;
}

class ChainReader {
 public:
  ChainReader(const kube::Client& client, const std::string& ns, const std::string& operatorNamespace)
      : client_(client), operatorNamespace_(operatorNamespace) {
    out_.ns = ns;
  }

  Result<ExplainFacts> run(const ObjectName& target) {
    auto ns = client_.getMetadata(api::kNamespaces, "", out_.ns);
    if (!ns && isOutage(ns.error())) return std::unexpected(ns.error());
    out_.nsObject = readOf(std::move(ns));
    out_.target = target;
    if (target.kind.empty())
      if (const auto guessed = guess(); !guessed) return std::unexpected(guessed.error());
    follow();
    grant();
    workload();
    names();
    rights();
    events();
    return std::move(out_);
  }

 private:
  static bool isOutage(const Error& error) {
    return error.kind == ErrorKind::Unavailable || error.kind == ErrorKind::Timeout ||
           error.kind == ErrorKind::Unauthorized;
  }

  Result<void> guess() {
    std::vector<ObjectName> found;
    for (const api::Resource& resource : {api::kTaskGrants, api::kJobs, api::kPods}) {
      const auto object = client_.getMetadata(resource, out_.ns, out_.target.name);
      if (object) found.push_back({std::string(resource.kind), out_.target.name});
    }
    if (found.size() > 1)
      return fail(ErrorKind::Invalid, fmt::format("{} is the name of several objects: {}; name the kind",
                                                  out_.target.name, namesOf(found)));
    out_.target.kind = found.empty() ? "TaskGrant" : found.front().kind;
    return {};
  }

  // Finds the workload and the grant's name, from the target.
  void follow() {
    if (out_.target.kind == "TaskGrant") {
      out_.grantName = out_.target.name;
      return;
    }
    out_.workloadName = out_.target;
    readWorkload();
    if (!out_.workload.value) return;
    const rules::PodView& pod = out_.workload.value->pod;
    const auto* controller = pod.controller();
    if (out_.target.kind == "Pod" && controller != nullptr && controller->kind == "Job") {
      out_.grantName = pod.label(api::kGrantLabel);
      out_.workloadName = {"Job", controller->name};
      readWorkload();
      if (out_.workload.value && out_.grantName.empty())
        out_.grantName = out_.workload.value->pod.label(api::kGrantLabel);
      return;
    }
    out_.grantName = pod.label(api::kGrantLabel);
  }

  void readWorkload() {
    const auto& [kind, name] = out_.workloadName;
    const api::Resource* resource = workloadResource(kind);
    if (resource == nullptr) return;
    auto object = client_.get(*resource, out_.ns, name);
    if (!object) {
      out_.workload = readOf(Result<WorkloadRead>(std::unexpected(object.error())));
      return;
    }
    (*object)["kind"] = kind;
    (*object)["apiVersion"] = resource->group.empty()
                                  ? std::string(resource->version)
                                  : fmt::format("{}/{}", resource->group, resource->version);
    auto facts = factsOf(kind, *object);
    auto pod = podOf(kind, *object);
    if (!facts || !pod)
      out_.workload = {.unread = facts ? pod.error().message : facts.error().message};
    else
      out_.workload = {.value = WorkloadRead{std::move(*facts), std::move(*pod)}};
  }

  void grant() {
    listGrants();
    if (out_.grantName.empty() && out_.grantsForWorkload.size() == 1)
      out_.grantName = out_.grantsForWorkload.front();
    if (out_.grantName.empty()) {
      out_.grant.unread = grantsUnread_;
      return;
    }
    out_.grant = readOf(decoded<api::TaskGrant>(client_.get(api::kTaskGrants, out_.ns, out_.grantName)));
    if (!out_.grant.value) return;
    const api::TaskGrant& grant = *out_.grant.value;
    if (out_.workloadName.name.empty()) {
      out_.workloadName = {std::string(api::toString(grant.spec.workload.kind)), grant.spec.workload.name};
      readWorkload();
    }
    if (grant.terminal()) return;
    out_.identity = readOf(
        decoded<api::AgentIdentity>(client_.get(api::kAgentIdentities, out_.ns, grant.spec.agentIdentity)));
    ancestors(grant);
    roles(grant);
    for (const std::string& name : grant.spec.access.secrets)
      out_.leases.push_back({name, readOf(client_.getMetadata(api::kSecrets, out_.ns, name))});
    if (const auto requester = api::recordedRequester(grant.meta))
      out_.requesterMay = ask(client_, {.user = requester->user,
                                        .uid = requester->uid,
                                        .groups = requester->groups,
                                        .extra = requester->extra,
                                        .verb = "request",
                                        .group = "errand.dev",
                                        .version = "*",
                                        .resource = "agentidentities",
                                        .ns = out_.ns,
                                        .name = grant.spec.agentIdentity});
  }

  // Lists the grants of the namespace for suggestions, and for a workload whose pods name none.
  void listGrants() {
    const auto list = client_.list(api::kTaskGrants, {.ns = out_.ns});
    if (!list) {
      grantsUnread_ = list.error().message;
      return;
    }
    for (const json& item : list->at("items")) {
      const auto grant = api::decode<api::TaskGrant>(item);
      if (!grant) continue;
      out_.grantNames.push_back(grant->meta.name);
      const ObjectName workload{std::string(api::toString(grant->spec.workload.kind)),
                                grant->spec.workload.name};
      if (!grant->terminal() && workload == out_.workloadName)
        out_.grantsForWorkload.push_back(grant->meta.name);
    }
  }

  void ancestors(const api::TaskGrant& grant) {
    auto ref = grant.spec.parent;
    while (ref && out_.ancestors.size() < policy::kMaxDepth) {
      auto above = decoded<api::TaskGrant>(client_.get(api::kTaskGrants, out_.ns, ref->name));
      if (!above) {
        if (above.error().kind != ErrorKind::NotFound) out_.ancestorsUnread = above.error().message;
        return;
      }
      ref = above->spec.parent;
      out_.ancestors.push_back({std::make_shared<const api::TaskGrant>(std::move(*above))});
    }
  }

  void roles(const api::TaskGrant& grant) {
    const auto add = [&](const std::vector<std::string>& names, const api::Resource& resource,
                         const char* field) {
      const bool ofCluster = resource.kind == "ClusterRole";
      for (size_t i = 0; i < names.size(); ++i) {
        RoleRead role{
            {std::string(resource.kind), names[i]}, fmt::format("spec.access.{}[{}]", field, i), {}, {}};
        role.found = readOf(decoded<api::Role>(client_.get(resource, ofCluster ? "" : out_.ns, names[i])));
        if (!role.found.isAbsent()) role.mayBind = mayBind(resource, names[i]);
        out_.roles.push_back(std::move(role));
      }
    };
    add(grant.spec.access.roles, api::kRoles, "roles");
    add(grant.spec.access.clusterRoles, api::kClusterRoles, "clusterRoles");
  }

  Read<bool> mayBind(const api::Resource& resource, const std::string& name) {
    return ask(client_,
               {.user = fmt::format("{}{}:errand-operator", api::kAccountUserPrefix, operatorNamespace_),
                .groups = {"system:serviceaccounts", "system:serviceaccounts:" + operatorNamespace_,
                           "system:authenticated"},
                .verb = "bind",
                .group = std::string(resource.group),
                .version = "*",
                .resource = std::string(resource.plural),
                .ns = out_.ns,
                .name = name});
  }

  void workload() {
    auto bound = client_.getMetadata(api::kRoleBindings, out_.ns, "errand-operator");
    if (bound || bound.error().kind == ErrorKind::NotFound)
      out_.operatorBound = {.value = bound.has_value()};
    else
      out_.operatorBound = {.unread = bound.error().message};
    if (out_.workload.value) pods();
  }

  void pods() {
    const WorkloadRead& workload = *out_.workload.value;
    if (out_.workloadName.kind == "Pod") {
      out_.pods = one(client_.get(api::kPods, out_.ns, out_.workloadName.name));
      return;
    }
    std::vector<std::string> selector;
    if (out_.workloadName.kind == "Job")
      selector.push_back("batch.kubernetes.io/job-name=" + out_.workloadName.name);
    else
      for (const auto& [key, value] : workload.pod.labels)
        selector.push_back(fmt::format("{}={}", key, value));
    if (selector.empty()) return;
    out_.pods = all(client_.list(
        api::kPods, {.ns = out_.ns, .labelSelector = fmt::format("{}", fmt::join(selector, ","))}));
  }

  static Read<std::vector<api::Pod>> one(const Result<json>& object) {
    auto pod = decoded<api::Pod>(object);
    if (!pod) return {.unread = pod.error().message};
    return {.value = std::vector{std::move(*pod)}};
  }

  static Read<std::vector<api::Pod>> all(const Result<json>& list) {
    if (!list) return {.unread = list.error().message};
    std::vector<api::Pod> out;
    for (const json& item : list->at("items"))
      if (auto pod = api::decode<api::Pod>(item)) out.push_back(std::move(*pod));
    return {.value = std::move(out)};
  }

  // Reads the names from which a misspelt one can be told. A failure leaves them out.
  void names() {
    if (const auto list = client_.list(api::kAgentIdentities, {.ns = out_.ns, .metadataOnly = true}))
      for (const json& item : list->at("items"))
        out_.identityNames.push_back(textAt(objectAt(item, "metadata"), "name"));
    const api::Resource* resource = workloadResource(out_.workloadName.kind);
    if (resource == nullptr || !out_.workload.isAbsent()) return;
    const auto list = client_.list(*resource, {.ns = out_.ns});
    if (!list) return;
    for (const json& item : list->at("items")) {
      const auto facts = factsOf(out_.workloadName.kind, item);
      if (!facts) continue;
      const std::string name = textAt(objectAt(item, "metadata"), "name");
      out_.workloadNames.push_back(name);
      const auto label = facts->podLabels.find(api::kGrantLabel);
      if (label != facts->podLabels.end() && label->second == out_.grantName) out_.labelled.push_back(name);
    }
  }

  // Asks for the user's own verbs if something is missing that the user may have failed to create.
  void rights() {
    if (out_.grant.value && !(out_.workload.isAbsent() && !out_.grant.value->terminal())) return;
    out_.you.user = userName(client_).value_or("");
    if (out_.you.user.empty()) return;
    const auto mine = [&](std::string verb, std::string resource, std::string name) {
      return ask(client_, {.user = "",
                           .verb = std::move(verb),
                           .group = "errand.dev",
                           .version = "*",
                           .resource = std::move(resource),
                           .ns = out_.ns,
                           .name = std::move(name)})
          .value;
    };
    out_.you.createsGrants = mine("create", "taskgrants", "");
    std::vector<std::string> agents = out_.identityNames;
    if (out_.grant.value) agents = {out_.grant.value->spec.agentIdentity};
    if (agents.size() > kMostAgents) agents.resize(kMostAgents);
    for (const std::string& agent : agents)
      out_.you.agents.push_back(
          {agent, mine("request", "agentidentities", agent), mine("run", "agentidentities", agent)});
  }

  void events() {
    if (out_.grant.value) eventsOf("TaskGrant", out_.grantName);
    if (out_.workload.value) eventsOf(out_.workloadName.kind, out_.workloadName.name);
    if (out_.target.kind == "Pod" && out_.target != out_.workloadName) eventsOf("Pod", out_.target.name);
    std::ranges::stable_sort(out_.events, std::greater{}, &WarningEvent::at);
    if (out_.events.size() > kMostEvents) out_.events.resize(kMostEvents);
  }

  void eventsOf(const std::string& kind, const std::string& name) {
    const auto list = client_.list(
        api::kEvents,
        {.ns = out_.ns, .fieldSelector = fmt::format("regarding.kind={},regarding.name={}", kind, name)});
    if (!list) return;
    for (const json& item : list->at("items")) {
      if (textAt(item, "type") != "Warning") continue;
      WarningEvent event{kind + "/" + name, textAt(item, "reason"), textAt(item, "note"), {}, 1};
      event.count = std::max<std::int64_t>(numberAt(objectAt(item, "series"), "count", 1),
                                           numberAt(item, "deprecatedCount", 1));
      for (const std::string& text :
           {textAt(objectAt(item, "metadata"), "creationTimestamp"), textAt(item, "deprecatedLastTimestamp"),
            textAt(objectAt(item, "series"), "lastObservedTime")})
        if (const auto time = parseTime(text); time && (!event.at || *event.at < *time)) event.at = *time;
      out_.events.push_back(std::move(event));
    }
  }

  const kube::Client& client_;
  const std::string& operatorNamespace_;
  std::string grantsUnread_;
  ExplainFacts out_;
};

}  // namespace

Result<ExplainFacts> readChain(const kube::Client& client, const std::string& ns, const ObjectName& target,
                               const std::string& operatorNamespace) {
  return ChainReader(client, ns, operatorNamespace).run(target);
}

}  // namespace errand::cli
