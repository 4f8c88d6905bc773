#include "rules/view/read/readcontainer.hpp"

#include "rules/view/read/readsecurity.hpp"

namespace errand::rules {
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

}  // namespace

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
    const auto readGrace = [&](std::string_view probe, std::optional<std::int64_t>& grace) {
      container.object(probe, [&](const Node& node) { node.read("terminationGracePeriodSeconds", grace); });
    };
    readGrace("livenessProbe", c.livenessGrace);
    readGrace("startupProbe", c.startupGrace);
    container.object("securityContext",
                     [&](const Node& context) { readSecurity(context, out.hostUsers, c.powers, c.hasGmsa); });
    if (!out.hostNetwork) readHostPorts(container, c.powers);
  });
}

}  // namespace errand::rules
