#include "webhook/view/read/readcontainer.hpp"

namespace errand::webhook {
namespace {

EnvVar readEnv(const Node& env, size_t index, std::vector<Text>& texts) {
  EnvVar out;
  // One walk in place of a search for each: most of a large pod is environment.
  env.fields([&](std::string_view key, const Node& field) {
    if (key == "name") return field.readText(out.name);
    if (key == "value") return field.readText(out.value);
    if (key != "valueFrom") return;
    field.texts("/env/" + std::to_string(index) + "/valueFrom", {}, texts);
    field.objects([&](std::string_view kind, const Node& source) {
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

// Capabilities by which a process leaves its container, with or without CAP_, in any case.
bool isPowerful(std::string_view capability) {
  std::string upper(capability);
  for (char& c : upper)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  std::string_view name = upper;
  if (name.starts_with("CAP_")) name.remove_prefix(4);
  return name == "SYS_ADMIN" || name == "SYS_PTRACE" || name == "ALL";
}

}  // namespace

void readPowers(const Node& context, std::vector<std::string>& out) {
  bool privileged = false;
  std::string procMount;
  context.read("privileged", privileged);
  context.read("procMount", procMount);
  if (privileged) out.emplace_back("privileged");
  if (procMount == "Unmasked") out.emplace_back("procMount Unmasked");
  context.object("capabilities", [&](const Node& capabilities) {
    std::vector<std::string> added;
    capabilities.read("add", added);
    for (const std::string& capability : added)
      if (isPowerful(capability)) out.push_back("capabilities.add " + capability);
  });
  context.object("windowsOptions", [&](const Node& windows) {
    bool hostProcess = false;
    windows.read("hostProcess", hostProcess);
    if (hostProcess) out.emplace_back("windowsOptions.hostProcess");
  });
}

void readContainers(const Node& spec, std::string_view key, ContainerRole role, PodView& out) {
  size_t index = 0;
  out.containers.reserve(out.containers.size() + spec.count(key));
  spec.list(key, [&](const Node& container) {
    Container& c = out.containers.emplace_back();
    c.role = role;
    c.index = index++;
    container.read("name", c.name);
    container.read("image", c.image);
    c.env.reserve(container.count("env"));
    container.list("env", [&](const Node& env) { c.env.push_back(readEnv(env, c.env.size(), c.texts)); });
    container.list("envFrom", [&](const Node& from) { c.envFrom.push_back(readEnvFrom(from)); });
    container.list("volumeMounts", [&](const Node& mount) { c.mounts.push_back(readMount(mount)); });
    c.hasMounts = container.has("volumeMounts");
    container.texts("", {"env"}, c.texts);
    std::vector<std::string> ignored;  // read for the sake of their types
    for (const std::string_view list : {"command", "args"}) container.read(list, ignored);
    container.object("securityContext", [&](const Node& context) { readPowers(context, c.powers); });
  });
}

}  // namespace errand::webhook
