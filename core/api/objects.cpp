#include "core/api/objects.hpp"

#include <algorithm>

#include "core/api/reader.hpp"
#include "core/base/crypto.hpp"

namespace errand::api {
namespace {

constexpr std::string_view kRbacGroup = "rbac.authorization.k8s.io";

nlohmann::json typed(std::string_view apiVersion, std::string_view kind, const ObjectMeta& meta) {
  return {{"apiVersion", apiVersion}, {"kind", kind}, {"metadata", encode(meta)}};
}

// Keys are sorted in nlohmann::json, so equal values have equal digests.
std::string digestOf(const nlohmann::json& value) {
  return "sha256:" + sha256Hex(value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

const nlohmann::json* fieldOf(const nlohmann::json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto it = object.find(key);
  return it == object.end() ? nullptr : &*it;
}

// Into a Workload or a Job.
template <typename T>
void readTemplate(const Reader& r, const nlohmann::json& workload, T& out) {
  const nlohmann::json* spec = fieldOf(workload, "spec");
  const nlohmann::json* pod = spec == nullptr ? nullptr : fieldOf(*spec, "template");
  out.templateDigest = digestOf(pod == nullptr ? nlohmann::json::object() : *pod);
  r.object("spec", [&](const Reader& of) {
    of.object("template", [&](const Reader& made) {
      made.object("metadata", [&](const Reader& meta) { meta.read("labels", out.podLabels); });
    });
  });
}

// A resize changes resources, a tag and its digest are the image.
std::string containersDigest(const nlohmann::json& pod) {
  nlohmann::json out = nlohmann::json::object();
  const nlohmann::json* spec = fieldOf(pod, "spec");
  for (const char* key : {"initContainers", "containers", "volumes"}) {
    const nlohmann::json* list = spec == nullptr ? nullptr : fieldOf(*spec, key);
    if (list == nullptr || !list->is_array()) continue;
    out[key] = *list;
    for (auto& item : out[key])
      if (item.is_object()) item.erase("resources");
  }
  return digestOf(out);
}

}  // namespace

template <>
Result<PartialObject> decode(const nlohmann::json& value) {
  PartialObject out;
  const Reader r(value);
  readMeta(r, out.meta);
  return r.finish(std::move(out));
}

template <>
Result<ServiceAccount> decode(const nlohmann::json& value) {
  ServiceAccount out;
  const Reader r(value);
  readMeta(r, out.meta);
  r.read("automountServiceAccountToken", out.automount);
  return r.finish(std::move(out));
}

template <>
Result<RoleBinding> decode(const nlohmann::json& value) {
  RoleBinding out;
  const Reader r(value);
  readMeta(r, out.meta);
  r.object("roleRef", [&](const Reader& ref) {
    ref.read("kind", out.role.kind);
    ref.read("name", out.role.name);
  });
  r.list("subjects", out.subjects, [](const Reader& s, Subject& subject) {
    s.read("kind", subject.kind);
    s.read("name", subject.name);
    s.read("namespace", subject.ns);
  });
  return r.finish(std::move(out));
}

template <>
Result<Role> decode(const nlohmann::json& value) {
  Role out;
  const Reader r(value);
  readMeta(r, out.meta);
  ObjectMeta meta;
  meta.name = std::move(out.meta.name);
  meta.ns = std::move(out.meta.ns);
  meta.uid = std::move(out.meta.uid);
  meta.resourceVersion = std::move(out.meta.resourceVersion);
  out.meta = std::move(meta);
  const nlohmann::json* rules = fieldOf(value, "rules");
  out.rulesDigest = digestOf(rules == nullptr || rules->is_null() ? nlohmann::json::array() : *rules);
  r.list("rules", out.rules, [](const Reader& rule, PolicyRule& read) {
    rule.read("apiGroups", read.groups);
    rule.read("resources", read.resources);
    rule.read("verbs", read.verbs);
  });
  return r.finish(std::move(out));
}

template <>
Result<Workload> decode(const nlohmann::json& value) {
  Workload out;
  const Reader r(value);
  readMeta(r, out.meta);
  readTemplate(r, value, out);
  return r.finish(std::move(out));
}

namespace {

// A Secret is named by `secretName`, or by `name` within something that is called after Secrets: secret,
// secretRef, secretKeyRef, nodePublishSecretRef and so on.
void addSlots(const nlohmann::json& value, std::string_view key, bool inSecret,
              std::vector<std::string>& out) {
  if (value.is_string()) {
    const auto& name = value.get_ref<const std::string&>();
    const bool isNamed = key == "secretName" || (key == "name" && inSecret);
    if (isNamed && name.starts_with("errand-") && !name.starts_with(kGrantAccountPrefix) &&
        std::ranges::find(out, name) == out.end())
      out.push_back(name);
    return;
  }
  const bool isSecret = key.contains("secret") || key.contains("Secret");
  if (value.is_array())
    for (const auto& item : value) addSlots(item, key, isSecret, out);
  if (value.is_object())
    for (const auto& [name, field] : value.items()) addSlots(field, name, isSecret, out);
}

void readDeadline(const Reader& spec, std::optional<std::int64_t>& out) {
  if (spec.has("activeDeadlineSeconds")) spec.read("activeDeadlineSeconds", out.emplace());
}

}  // namespace

template <>
Result<Pod> decode(const nlohmann::json& value) {
  Pod out;
  const Reader r(value);
  readMeta(r, out.meta);
  r.object("spec", [&](const Reader& spec) {
    spec.read("serviceAccountName", out.serviceAccountName);
    spec.read("nodeName", out.nodeName);
    readDeadline(spec, out.activeDeadlineSeconds);
    spec.list("schedulingGates", out.schedulingGates,
              [](const Reader& gate, std::string& name) { gate.read("name", name); });
  });
  r.object("status", [&](const Reader& status) { status.read("phase", out.phase); });
  if (const nlohmann::json* spec = fieldOf(value, "spec")) addSlots(*spec, "spec", false, out.slots);
  if (out.meta.controller() == nullptr) out.templateDigest = containersDigest(value);
  return r.finish(std::move(out));
}

template <>
Result<Job> decode(const nlohmann::json& value) {
  Job out;
  std::vector<Condition> conditions;
  const Reader r(value);
  readMeta(r, out.meta);
  r.object("spec", [&](const Reader& spec) { readDeadline(spec, out.activeDeadlineSeconds); });
  r.object("status", [&](const Reader& status) {
    out.started = status.has("startTime");
    readConditions(status, conditions);
  });
  for (const Condition& c : conditions) {
    if (c.status != ConditionStatus::True || (c.type != "Complete" && c.type != "Failed")) continue;
    (c.type == "Complete" ? out.complete : out.failed) = true;
    out.reason = c.reason;
    out.message = c.message;
  }
  readTemplate(r, value, out);
  return r.finish(std::move(out));
}

nlohmann::json encode(const ServiceAccount& account) {
  nlohmann::json out = typed("v1", "ServiceAccount", account.meta);
  if (account.automount) out["automountServiceAccountToken"] = *account.automount;
  return out;
}

nlohmann::json encode(const RoleBinding& binding) {
  nlohmann::json out = typed("rbac.authorization.k8s.io/v1", "RoleBinding", binding.meta);
  out["roleRef"] = {{"apiGroup", kRbacGroup}, {"kind", binding.role.kind}, {"name", binding.role.name}};
  for (const Subject& s : binding.subjects)
    out["subjects"].push_back({{"kind", s.kind}, {"name", s.name}, {"namespace", s.ns}});
  return out;
}

}  // namespace errand::api
