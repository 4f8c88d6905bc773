#include "webhook/view/podview.hpp"

#include <algorithm>

#include "webhook/view/readpod.hpp"
#include "webhook/view/readvolume.hpp"

namespace errand::webhook {
namespace {

EnvVar readEnv(const Node& env) {
  EnvVar out;
  env.read("name", out.name);
  env.read("value", out.value);
  env.object("valueFrom", [&](const Node& from) {
    from.objects([&](std::string_view kind, const Node& source) {
      if (kind == "secretKeyRef") {
        out.fromSecret = true;
        source.read("name", out.secret);
      } else if (kind != "configMapKeyRef" && kind != "fieldRef" && kind != "resourceFieldRef" &&
                 kind != "fileKeyRef") {
        out.unknownSource = kind;
      }
    });
  });
  return out;
}

EnvFrom readEnvFrom(const Node& from) {
  EnvFrom out;
  from.fields([&](std::string_view kind, const Node& source) {
    if (kind == "prefix") return;
    if (!source.isObject()) return source.fail("is not an object");
    if (kind == "secretRef") {
      out.fromSecret = true;
      source.read("name", out.secret);
    } else if (kind != "configMapRef") {
      out.unknownSource = kind;
    }
  });
  return out;
}

VolumeMount readMount(const Node& mount) {
  VolumeMount out;
  std::string subPath, subPathExpr;
  mount.read("name", out.volume);
  mount.read("mountPath", out.mountPath);
  mount.read("readOnly", out.readOnly);
  mount.read("subPath", subPath);
  mount.read("subPathExpr", subPathExpr);
  out.partial = !subPath.empty() || !subPathExpr.empty();
  mount.fields([&](std::string_view key, const Node&) {
    if (key != "name" && key != "mountPath" && key != "readOnly") out.plain = false;
  });
  return out;
}

void readContainers(const Node& spec, std::string_view key, ContainerRole role, PodView& out) {
  size_t index = 0;
  spec.list(key, [&](const Node& container) {
    Container& c = out.containers.emplace_back();
    c.role = role;
    c.index = index++;
    container.read("name", c.name);
    container.read("image", c.image);
    container.read("command", c.command);
    container.read("args", c.args);
    container.list("env", [&](const Node& env) { c.env.push_back(readEnv(env)); });
    container.list("envFrom", [&](const Node& from) { c.envFrom.push_back(readEnvFrom(from)); });
    container.list("volumeMounts", [&](const Node& mount) { c.mounts.push_back(readMount(mount)); });
    c.hasMounts = container.has("volumeMounts");
  });
}

void readMeta(const Node& meta, PodView& out) {
  meta.read("name", out.name);
  meta.read("generateName", out.generateName);
  meta.read("namespace", out.ns);
  meta.read("uid", out.uid);
  meta.read("labels", out.labels);
  meta.read("annotations", out.annotations);
  meta.list("ownerReferences", [&](const Node& reference) {
    api::OwnerReference& owner = out.owners.emplace_back();
    reference.read("apiVersion", owner.apiVersion);
    reference.read("kind", owner.kind);
    reference.read("name", owner.name);
    reference.read("uid", owner.uid);
    reference.read("controller", owner.controller);
  });
}

void readSpec(const Node& spec, PodView& out) {
  spec.read("serviceAccountName", out.serviceAccountName);
  spec.read("serviceAccount", out.deprecatedServiceAccount);
  spec.read("automountServiceAccountToken", out.automount);
  spec.read("activeDeadlineSeconds", out.activeDeadlineSeconds);
  spec.read("nodeName", out.nodeName);
  spec.list("schedulingGates",
            [&](const Node& gate) { gate.read("name", out.schedulingGates.emplace_back()); });
  spec.list("volumes", [&](const Node& volume) { out.volumes.push_back(readVolume(volume)); });
  out.hasVolumes = spec.has("volumes");
  out.hasGates = spec.has("schedulingGates");
  readContainers(spec, "containers", ContainerRole::Container, out);
  readContainers(spec, "initContainers", ContainerRole::Init, out);
  readContainers(spec, "ephemeralContainers", ContainerRole::Ephemeral, out);
}

}  // namespace

std::string_view PodView::label(std::string_view key) const {
  const auto it = labels.find(key);
  return it == labels.end() ? std::string_view() : std::string_view(it->second);
}

const api::OwnerReference* PodView::controller() const {
  const auto it = std::ranges::find_if(owners, &api::OwnerReference::controller);
  return it == owners.end() ? nullptr : &*it;
}

const Volume* PodView::volume(std::string_view volumeName) const {
  const auto it = std::ranges::find(volumes, volumeName, &Volume::name);
  return it == volumes.end() ? nullptr : &*it;
}

PodView readPod(const Node& object) {
  PodView out;
  if (!object.has("metadata")) object.fail("has no metadata");
  if (!object.has("spec")) object.fail("has no spec");
  object.object("metadata", [&](const Node& meta) { readMeta(meta, out); });
  object.object("spec", [&](const Node& spec) { readSpec(spec, out); });
  return out;
}

}  // namespace errand::webhook
