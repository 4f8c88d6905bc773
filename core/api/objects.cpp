#include "core/api/objects.hpp"

#include <algorithm>

#include "core/api/accounts.hpp"
#include "core/api/comparable.hpp"
#include "core/api/table/codec.hpp"
#include "core/api/table/objects.hpp"
#include "core/base/crypto.hpp"

namespace errand::api {
namespace {

std::string digestOf(std::string_view canonical) { return "sha256:" + sha256Hex(canonical); }

// Returns the digest of the value with sorted keys, or of `ifAbsent`.
std::string digestOf(const std::optional<JsonNode>& node, std::string_view ifAbsent) {
  std::string text;
  if (!node) return digestOf(ifAbsent);
  printSorted(text, *node);
  return digestOf(text);
}

// Adds the slots' names below `value` to `out`. The name of a Secret is in `secretName`, or in `name` below a
// key that contains "secret" (secret, secretRef, secretKeyRef, imagePullSecrets, nodePublishSecretRef).
// `inSecret` is true below such a key.
void addSlots(simdjson::dom::element value, std::string_view key, bool inSecret,
              std::vector<std::string>& out) {
  if (std::string_view name; value.get(name) == simdjson::SUCCESS) {
    const bool isNamed = key == "secretName" || (key == "name" && inSecret);
    if (isNamed && name.starts_with("errand-") && !name.starts_with(kGrantAccountPrefix) &&
        std::ranges::find(out, name) == out.end())
      out.emplace_back(name);
    return;
  }
  const bool isSecret = key.contains("secret") || key.contains("Secret");
  if (simdjson::dom::array items; value.get(items) == simdjson::SUCCESS)
    for (const auto item : items) addSlots(item, key, isSecret, out);
  if (simdjson::dom::object fields; value.get(fields) == simdjson::SUCCESS)
    for (const auto field : fields) addSlots(field.value, field.key, isSecret, out);
}

std::optional<JsonNode> templateOf(const std::optional<JsonNode>& spec) {
  return spec ? spec->child("template") : std::nullopt;
}

std::vector<std::string> slotsOf(const std::optional<JsonNode>& podTemplate) {
  std::vector<std::string> out;
  const auto spec = podTemplate ? podTemplate->child("spec") : std::nullopt;
  if (spec) addSlots(spec->value(), "spec", false, out);
  return out;
}

// Returns the digest of containers and volumes, without `resources`, which a resize changes.
std::string containersDigest(const std::optional<JsonNode>& spec) {
  std::string text = "{";
  for (const std::string_view key : {"containers", "initContainers", "volumes"}) {  // sorted
    const auto list = spec ? spec->child(key) : std::nullopt;
    if (!list || !list->value().is_array()) continue;
    text.append(text.size() > 1 ? ",\"" : "\"").append(key).append("\":");
    printSorted(text, *list, {"resources"});
  }
  return digestOf(text + "}");
}

}  // namespace

void Fields<Role>::derive(const JsonNode& object, Role& out) {
  ObjectMeta meta;
  meta.name = std::move(out.meta.name);
  meta.ns = std::move(out.meta.ns);
  meta.uid = std::move(out.meta.uid);
  meta.resourceVersion = std::move(out.meta.resourceVersion);
  out.meta = std::move(meta);
  out.rulesDigest = digestOf(comparableRules(object));
}

void Fields<Workload>::derive(const JsonNode& object, Workload& out) {
  const auto spec = object.child("spec");
  const auto podTemplate = templateOf(spec);
  out.templateDigest = digestOf(podTemplate, "{}");
  out.slots = slotsOf(podTemplate);
}

void Fields<Pod>::derive(const JsonNode& object, Pod& out) {
  const auto spec = object.child("spec");
  if (spec) addSlots(spec->value(), "spec", false, out.slots);
  if (out.meta.controller() == nullptr) out.templateDigest = containersDigest(spec);
}

void Fields<Job>::derive(const JsonNode& object, Job& out) {
  const auto spec = object.child("spec");
  const auto podTemplate = templateOf(spec);
  out.templateDigest = digestOf(podTemplate ? comparableJobTemplate(*podTemplate) : "");
  out.slots = slotsOf(podTemplate);
  const auto status = object.child("status");
  if (!status) return;
  std::vector<Condition> conditions;
  out.started = status->has("startTime");
  status->list("conditions", [&](const JsonNode& one) { readFields(one, conditions.emplace_back()); });
  for (const Condition& c : conditions) {
    if (c.status != ConditionStatus::True || (c.type != "Complete" && c.type != "Failed")) continue;
    (c.type == "Complete" ? out.complete : out.failed) = true;
    out.reason = c.reason;
    out.message = c.message;
  }
}

ERRAND_DECODES(PartialObject)
ERRAND_DECODES(ConfigMap)
ERRAND_DECODES(ServiceAccount)
ERRAND_DECODES(RoleBinding)
ERRAND_DECODES(Role)
ERRAND_DECODES(Workload)
ERRAND_DECODES(Pod)
ERRAND_DECODES(Job)

nlohmann::json encode(const ServiceAccount& account) { return writeFields(account); }
nlohmann::json encode(const RoleBinding& binding) { return writeFields(binding); }

}  // namespace errand::api
