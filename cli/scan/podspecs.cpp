#include "cli/scan/podspecs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "cli/yaml/scalar.hpp"
#include "core/json/pointer.hpp"
#include "rules/catalogue/secret/synced.hpp"
#include "rules/view/pointer.hpp"

namespace errand::cli {
namespace {

using Kind = YamlNode::Kind;

constexpr std::string_view kContainersOfTemplate = "/template/spec/containers/";
// Fields that hold lists of containers, and fields that hold one.
constexpr auto kLists = std::to_array<std::string_view>({"containers", "steps", "sidecars"});
constexpr auto kSingle = std::to_array<std::string_view>({"container", "script"});

bool isContainer(const YamlNode& node) {
  const YamlNode* image = node.field("image");
  const YamlNode* name = node.field("name");
  const auto isText = [](const YamlNode* field) { return field != nullptr && field->kind == Kind::Scalar; };
  return node.kind == Kind::Map && (isText(image) || (isText(name) && node.field("env") != nullptr));
}

// True for a list of names with values, but not for a map or a list of files.
bool isEnvironment(const YamlNode* env) {
  return env != nullptr && env->kind == Kind::List && !env->items.empty() &&
         std::ranges::all_of(env->items, [](const YamlNode* item) {
           return item->kind == Kind::Map && item->field("name") != nullptr &&
                  (item->field("value") != nullptr || item->field("valueFrom") != nullptr);
         });
}

std::string below(const std::string& path, std::string_view key) {
  std::string out = path;
  appendKey(out, key);
  return out;
}

bool holdsContainers(std::string_view key) {
  return std::ranges::find(kLists, key) != kLists.end() || std::ranges::find(kSingle, key) != kSingle.end();
}

class PodFinder {
 public:
  explicit PodFinder(std::string_view known) : known_(known) {}

  void walk(const YamlNode& node, const std::string& path, const YamlNode* parent,
            const std::string& parentPath) {
    if (!known_.empty() && path == known_) return;
    if (node.kind == Kind::List)
      for (size_t i = 0; i < node.items.size(); ++i)
        walk(*node.items[i], fmt::format("{}/{}", path, i), nullptr, "");
    if (node.kind != Kind::Map) return;
    FoundPod pod{parent, parentPath, &node, path, {}, {}};
    collect(pod);
    const bool taken = !pod.containers.empty();
    if (!taken && isEnvironment(node.field("env"))) {
      pod.parent = nullptr;
      pod.containers = {&node};
      pod.containerPaths = {path};
    }
    if (!pod.containers.empty()) out.push_back(pod);
    for (const YamlNode::Field& field : node.fields)
      if (!taken || !holdsContainers(field.key)) walk(*field.value, below(path, field.key), &node, path);
  }

  std::vector<FoundPod> out;

 private:
  static void collect(FoundPod& pod) {
    const auto add = [&](const YamlNode& node, std::string path) {
      if (!isContainer(node)) return;
      pod.containers.push_back(&node);
      pod.containerPaths.push_back(std::move(path));
    };
    for (const std::string_view key : kLists)
      if (const YamlNode* list = pod.node->field(key); list != nullptr && list->kind == Kind::List)
        for (size_t i = 0; i < list->items.size(); ++i)
          add(*list->items[i], fmt::format("{}/{}/{}", pod.path, key, i));
    for (const std::string_view key : kSingle)
      if (const YamlNode* one = pod.node->field(key); one != nullptr) add(*one, below(pod.path, key));
  }

  std::string_view known_;
};

}  // namespace

std::vector<FoundPod> podsIn(const YamlNode& object, std::string_view known) {
  PodFinder finder(known);
  finder.walk(object, "", nullptr, "");
  return std::move(finder.out);
}

Result<std::string> asPodTemplate(const FoundPod& pod) {
  YamlNode containers, spec, meta, outer, whole, version, kind;
  containers.kind = Kind::List;
  containers.items = pod.containers;
  for (YamlNode* map : {&spec, &outer, &whole}) map->kind = Kind::Map;
  if (pod.containers != std::vector<const YamlNode*>{pod.node})
    for (const YamlNode::Field& field : pod.node->fields)
      if (!holdsContainers(field.key)) spec.fields.push_back(field);
  spec.fields.push_back({"containers", pod.node->line, &containers});
  outer.fields.push_back({"spec", pod.node->line, &spec});
  if (pod.parent != nullptr)
    if (const YamlNode* own = pod.parent->field("metadata"); own != nullptr && own->kind == Kind::Map)
      outer.fields.push_back({"metadata", own->line, own});
  version.text = "v1";
  kind.text = "PodTemplate";
  whole.fields = {{"apiVersion", 1, &version}, {"kind", 1, &kind}, {"template", 1, &outer}};
  return toJson(whole);
}

std::string pathIn(const FoundPod& pod, std::string_view templatePath) {
  constexpr std::string_view kSpec = "/template/spec", kMeta = "/template/metadata";
  if (templatePath.starts_with(kContainersOfTemplate)) {
    const std::string_view rest = templatePath.substr(kContainersOfTemplate.size());
    size_t index = pod.containerPaths.size();
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), index);
    if (index < pod.containerPaths.size())
      return pod.containerPaths[index] + std::string(rest.substr(static_cast<size_t>(end - rest.data())));
  }
  if (templatePath.starts_with(kSpec)) return pod.path + std::string(templatePath.substr(kSpec.size()));
  if (templatePath.starts_with(kMeta)) return pod.parentPath + std::string(templatePath.substr(9));
  return pod.path;
}

bool isJudgedKind(const rules::ObjectView& view) {
  constexpr auto kCore = std::to_array<std::string_view>(
      {"ConfigMap", "Namespace", "PersistentVolume", "PersistentVolumeClaim", "Pod", "PodTemplate",
       "ReplicationController", "Secret", "ServiceAccount"});
  constexpr auto kGroups = std::to_array<std::string_view>(
      {"apps", "batch", "certificates.k8s.io", "errand.dev", "rbac.authorization.k8s.io", "resource.k8s.io"});
  if (view.pod || std::ranges::find(kGroups, view.group) != kGroups.end()) return true;
  if (view.group.empty()) return std::ranges::find(kCore, view.kind) != kCore.end();
  const auto isOf = [&](const api::Resource& kind) { return view.is(kind.group, kind.kind); };
  return view.is("cert-manager.io", "Certificate") || view.is("cert-manager.io", "CertificateRequest") ||
         std::ranges::any_of(rules::kSyncedKinds, isOf) ||
         std::ranges::any_of(rules::kSyncedClusterKinds, isOf);
}

}  // namespace errand::cli
