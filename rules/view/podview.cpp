#include "rules/view/podview.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "rules/view/read/readcontainer.hpp"
#include "rules/view/read/readpod.hpp"
#include "rules/view/read/readsecurity.hpp"
#include "rules/view/read/readvolume.hpp"

namespace errand::rules {
namespace {

void readMeta(const JsonNode& meta, PodView& out) {
  meta.read("name", out.name);
  meta.read("generateName", out.generateName);
  meta.read("namespace", out.ns);
  meta.read("uid", out.uid);
  meta.read("labels", out.labels);
  meta.read("annotations", out.annotations);
  readProfiles(out.annotations, out.powers);
  meta.list("ownerReferences", [&](const JsonNode& reference) {
    api::OwnerReference& owner = out.owners.emplace_back();
    reference.read("apiVersion", owner.apiVersion);
    reference.read("kind", owner.kind);
    reference.read("name", owner.name);
    reference.read("uid", owner.uid);
    reference.read("controller", owner.controller);
  });
  readTexts(meta, "/metadata", {"labels", "annotations", "managedFields"}, out.texts);
  size_t index = 0;
  meta.list("managedFields", [&](const JsonNode& fields) {
    readTexts(fields, fmt::format("/metadata/managedFields/{}", index++), {"fieldsV1"}, out.texts);
  });
}

void readSpec(const JsonNode& spec, PodView& out) {
  spec.read("serviceAccountName", out.serviceAccountName);
  spec.read("serviceAccount", out.deprecatedServiceAccount);
  spec.read("automountServiceAccountToken", out.automount);
  spec.read("activeDeadlineSeconds", out.activeDeadlineSeconds);
  spec.read("terminationGracePeriodSeconds", out.terminationGracePeriodSeconds);
  spec.read("nodeName", out.nodeName);
  spec.read("hostNetwork", out.hostNetwork);
  spec.read("hostPID", out.hostPid);
  spec.read("hostIPC", out.hostIpc);
  spec.read("hostUsers", out.hostUsers);
  spec.read("shareProcessNamespace", out.sharesProcesses);
  spec.list("imagePullSecrets",
            [&](const JsonNode& secret) { secret.read("name", out.imagePullSecrets.emplace_back()); });
  spec.list("resourceClaims",
            [&](const JsonNode& claim) { claim.read("name", out.resourceClaims.emplace_back()); });
  spec.object("securityContext", [&](const JsonNode& context) {
    readSecurity(context, out.hostUsers, out.powers, out.hasGmsa);
  });
  spec.list("schedulingGates",
            [&](const JsonNode& gate) { gate.read("name", out.schedulingGates.emplace_back()); });
  spec.list("volumes", [&](const JsonNode& volume) { out.volumes.push_back(readVolume(volume)); });
  out.hasVolumes = spec.has("volumes");
  out.hasGates = spec.has("schedulingGates");
  readContainers(spec, "containers", ContainerRole::Container, out);
  readContainers(spec, "initContainers", ContainerRole::Init, out);
  readContainers(spec, "ephemeralContainers", ContainerRole::Ephemeral, out);
  readTexts(spec, "/spec", {"containers", "initContainers", "ephemeralContainers"}, out.texts);
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

PodView readPod(const JsonNode& object) {
  if (!object.has("metadata")) object.fail("has no metadata");
  return readPodTemplate(object);
}

PodView readPodTemplate(const JsonNode& object) {
  PodView out;
  out.document = object.document();
  if (!object.has("spec")) object.fail("has no spec");
  object.object("metadata", [&](const JsonNode& meta) { readMeta(meta, out); });
  object.object("spec", [&](const JsonNode& spec) { readSpec(spec, out); });
  return out;
}

}  // namespace errand::rules
