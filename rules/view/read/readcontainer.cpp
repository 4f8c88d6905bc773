#include "rules/view/read/readcontainer.hpp"

#include "rules/view/read/readsecurity.hpp"

namespace errand::rules {
namespace {

EnvVar readEnv(const JsonNode& env, size_t index, std::vector<Text>& texts) {
  EnvVar out;
  // Visits the fields once instead of searching for each, because most of a large pod is environment.
  env.fields([&](std::string_view key, const JsonNode& field) {
    if (key == "name") return field.get(out.name);
    if (key == "value") return field.get(out.value);
    if (key != "valueFrom") return;
    readTexts(field, "/env/" + std::to_string(index) + "/valueFrom", {}, texts);
    field.objects([&](std::string_view kind, const JsonNode& source) {
      if (kind == "secretKeyRef") {
        out.fromSecret = true;
        source.read("name", out.secret);
      } else if (kind == "configMapKeyRef") {
        out.fromConfigMap = true;
      } else if (kind != "fieldRef" && kind != "resourceFieldRef" && kind != "fileKeyRef") {
        out.unknownSource = kind;
      }
    });
  });
  return out;
}

EnvFrom readEnvFrom(const JsonNode& from) {
  EnvFrom out;
  from.fields([&](std::string_view kind, const JsonNode& source) {
    if (kind == "prefix") return;
    if (!source.mustBeObject()) return;
    if (kind == "secretRef") {
      out.fromSecret = true;
      source.read("name", out.secret);
    } else if (kind != "configMapRef") {
      out.unknownSource = kind;
    }
  });
  return out;
}

VolumeMount readMount(const JsonNode& mount) {
  VolumeMount out;
  std::string subPath, subPathExpr;
  mount.read("name", out.volume);
  mount.read("mountPath", out.mountPath);
  mount.read("readOnly", out.readOnly);
  mount.read("subPath", subPath);
  mount.read("subPathExpr", subPathExpr);
  out.partial = !subPath.empty() || !subPathExpr.empty();
  mount.fields([&](std::string_view key, const JsonNode&) {
    if (key != "name" && key != "mountPath" && key != "readOnly") out.plain = false;
  });
  return out;
}

}  // namespace

void readContainers(const JsonNode& spec, std::string_view key, ContainerRole role, PodView& out) {
  size_t index = 0;
  out.containers.reserve(out.containers.size() + spec.count(key));
  spec.list(key, [&](const JsonNode& container) {
    Container& c = out.containers.emplace_back();
    c.role = role;
    c.index = index++;
    container.read("name", c.name);
    container.read("image", c.image);
    c.env.reserve(container.count("env"));
    container.list("env", [&](const JsonNode& env) { c.env.push_back(readEnv(env, c.env.size(), c.texts)); });
    container.list("envFrom", [&](const JsonNode& from) { c.envFrom.push_back(readEnvFrom(from)); });
    container.list("volumeMounts", [&](const JsonNode& mount) { c.mounts.push_back(readMount(mount)); });
    c.hasMounts = container.has("volumeMounts");
    readTexts(container, "", {"env"}, c.texts);
    std::vector<std::string> ignored;  // only to check the types
    for (const std::string_view list : {"command", "args"}) container.read(list, ignored);
    const auto readGrace = [&](std::string_view probe, std::optional<std::int64_t>& grace) {
      container.object(probe,
                       [&](const JsonNode& node) { node.read("terminationGracePeriodSeconds", grace); });
    };
    readGrace("livenessProbe", c.livenessGrace);
    readGrace("startupProbe", c.startupGrace);
    container.object("securityContext", [&](const JsonNode& context) {
      readSecurity(context, out.hostUsers, c.powers, c.hasGmsa);
    });
    if (!out.hostNetwork) readHostPorts(container, c.powers);
  });
}

}  // namespace errand::rules
