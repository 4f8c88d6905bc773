#include "rules/view/read/readobject.hpp"

#include <algorithm>
#include <array>

#include "core/base/crypto.hpp"
#include "rules/view/read/readpod.hpp"

namespace errand::rules {
namespace {

// The field in which a kind holds its pod template.
struct TemplateOf {
  std::string_view group, kind, parent, path;
};
constexpr std::array kTemplates = std::to_array<TemplateOf>({
    {"apps", "DaemonSet", "spec", "/spec/template"},
    {"apps", "Deployment", "spec", "/spec/template"},
    {"apps", "ReplicaSet", "spec", "/spec/template"},
    {"apps", "StatefulSet", "spec", "/spec/template"},
    {"", "ReplicationController", "spec", "/spec/template"},
    {"batch", "Job", "spec", "/spec/template"},
    {"", "PodTemplate", "", "/template"},
});

void takePod(const JsonNode& node, std::string_view path, ObjectView& out) {
  out.pod = readPodTemplate(node);
  out.podPath = path;
}

// Recognises the pod template of a kind that this version does not know: a template with containers.
bool looksLikeTemplate(const JsonNode& node) {
  bool found = false;
  node.object("spec", [&](const JsonNode& spec) { found = spec.has("containers"); });
  return found;
}

void readPods(const JsonNode& object, ObjectView& out) {
  if (out.is("", "Pod")) {
    out.pod = readPod(object);
    return;
  }
  if (out.is("batch", "CronJob")) {
    object.object("spec", [&](const JsonNode& spec) {
      spec.object("jobTemplate", [&](const JsonNode& job) {
        job.object("spec", [&](const JsonNode& jobSpec) {
          jobSpec.object("template", [&](const JsonNode& node) {
            takePod(node, "/spec/jobTemplate/spec/template", out);
          });
        });
      });
    });
    return;
  }
  const auto known = std::ranges::find_if(
      kTemplates, [&](const TemplateOf& entry) { return out.is(entry.group, entry.kind); });
  if (known != kTemplates.end() && known->parent.empty())
    return object.object("template", [&](const JsonNode& node) { takePod(node, known->path, out); });
  object.object("spec", [&](const JsonNode& spec) {
    if (known != kTemplates.end())
      return spec.object("template", [&](const JsonNode& node) { takePod(node, known->path, out); });
    JsonNode::Failure ignored;
    spec.isolated("template", ignored, [&](const JsonNode& node) {
      if (!looksLikeTemplate(node)) return;
      spec.object("template", [&](const JsonNode& again) { takePod(again, "/spec/template", out); });
    });
  });
}

void readStrings(const JsonNode& object, ObjectView& out) {
  constexpr std::array kClaims = std::to_array<std::pair<std::string_view, std::string_view>>(
      {{"", "PersistentVolume"},
       {"", "PersistentVolumeClaim"},
       {"resource.k8s.io", "ResourceClaim"},
       {"resource.k8s.io", "ResourceClaimTemplate"}});
  const bool isClaim =
      std::ranges::any_of(kClaims, [&](const auto& kind) { return out.is(kind.first, kind.second); });
  if (!isClaim && (!out.pod || out.is("", "Pod"))) return;
  out.document = object.document();
  object.object("spec", [&](const JsonNode& spec) {
    readTexts(spec, "/spec", {"template", "jobTemplate"}, out.strings);
    spec.object("jobTemplate", [&](const JsonNode& job) {
      readTexts(job, "/spec/jobTemplate", {"spec"}, out.strings);
      job.object("spec", [&](const JsonNode& of) {
        readTexts(of, "/spec/jobTemplate/spec", {"template"}, out.strings);
      });
    });
  });
}

void readNames(const JsonNode& object, std::string_view list, std::vector<std::string>& out) {
  object.list(list, [&](const JsonNode& item) { item.read("name", out.emplace_back()); });
}

void readTexts(const JsonNode& object, std::string_view field, bool isBase64, std::vector<Literal>& out) {
  api::StringMap map;
  object.read(field, map);
  for (auto& [key, value] : map) {
    std::string name = std::string(field) + "." + key;
    if (!isBase64) {
      out.push_back({std::move(name), std::move(value)});
    } else if (Result<std::string> decoded = base64Decode(value)) {
      out.push_back({std::move(name), std::move(*decoded)});
    } else {
      object.fail(std::string(field) + " has a value that is not base64");
    }
  }
}

void readBinding(const JsonNode& object, ObjectView& out) {
  object.list("subjects", [&](const JsonNode& subject) {
    Subject& read = out.subjects.emplace_back();
    subject.read("kind", read.kind);
    subject.read("name", read.name);
    subject.read("namespace", read.ns);
  });
  object.object("roleRef", [&](const JsonNode& role) {
    role.read("kind", out.roleKind);
    role.read("name", out.roleName);
  });
}

api::LabelSelector readSelector(const JsonNode& selector) {
  api::LabelSelector out;
  selector.read("matchLabels", out.matchLabels);
  selector.list("matchExpressions", [&](const JsonNode& expression) {
    auto& read = out.matchExpressions.emplace_back();
    expression.read("key", read.key);
    expression.read("operator", read.op);
    expression.read("values", read.values);
  });
  return out;
}

void readRole(const JsonNode& object, ObjectView& out) {
  object.list("rules", [&](const JsonNode& rule) {
    api::PolicyRule& read = out.rules.emplace_back();
    rule.read("apiGroups", read.groups);
    rule.read("resources", read.resources);
    rule.read("verbs", read.verbs);
  });
  if (out.kind != "ClusterRole") return;
  object.object("aggregationRule", [&](const JsonNode& aggregation) {
    auto& selectors = out.aggregation.emplace().selectors;
    aggregation.list("clusterRoleSelectors",
                     [&](const JsonNode& selector) { selectors.push_back(readSelector(selector)); });
  });
}

void readNodePaths(const JsonNode& object, ObjectView& out) {
  object.object("spec", [&](const JsonNode& spec) {
    for (const std::string_view source : {"hostPath", "local"})
      spec.object(source, [&](const JsonNode& volume) {
        volume.read("path", out.nodePaths.emplace_back(std::string(source), "").text);
      });
  });
}

// True if generators of External Secrets create all values. The schema also has a generator for a single
// value
// (`data`), but it has no effect.
bool generatesAll(const JsonNode& spec) {
  size_t sources = 0, generated = 0;
  spec.list("dataFrom", [&](const JsonNode& from) {
    ++sources;
    from.object("sourceRef", [&](const JsonNode& ref) {
      if (ref.has("generatorRef") && !ref.has("storeRef") && !from.has("extract") && !from.has("find"))
        ++generated;
    });
  });
  return sources > 0 && generated == sources && spec.count("data") == 0;
}

void readExternalSecret(const JsonNode& object, ObjectView& out) {
  object.object("spec", [&](const JsonNode& spec) {
    if (out.kind == "ExternalSecret") out.copiesNothing = generatesAll(spec);
    if (out.kind == "ClusterExternalSecret")
      spec.object("externalSecretSpec", [&](const JsonNode& of) { out.copiesNothing = generatesAll(of); });
  });
}

// Without secretObjects, only the volume of a pod brings the credential in. SC112 checks that volume.
void readSecretProviderClass(const JsonNode& object, ObjectView& out) {
  out.copiesNothing = true;
  object.object("spec", [&](const JsonNode& spec) { out.copiesNothing = spec.count("secretObjects") == 0; });
}

void readCertificate(const JsonNode& object, ObjectView& out) {
  object.object("spec", [&](const JsonNode& spec) {
    spec.read("signerName", out.signer);
    spec.read("username", out.requester);
    spec.read("expirationSeconds", out.expirationSeconds);
    spec.read("duration", out.duration);
    spec.read("usages", out.usages);
    spec.read("isCA", out.isAuthority);
  });
}

void readRest(const JsonNode& object, ObjectView& out) {
  if (out.is("", "ServiceAccount")) {
    object.read("automountServiceAccountToken", out.automount);
    readNames(object, "secrets", out.secrets);
    readNames(object, "imagePullSecrets", out.imagePullSecrets);
  } else if (out.is("", "Secret")) {
    object.read("type", out.type);
    readTexts(object, "data", true, out.texts);
    readTexts(object, "stringData", false, out.texts);
  } else if (out.is("", "ConfigMap")) {
    readTexts(object, "data", false, out.texts);
    readTexts(object, "binaryData", true, out.texts);
  } else if (out.is("", "PersistentVolume")) {
    readNodePaths(object, out);
  } else if (out.group == "rbac.authorization.k8s.io") {
    readBinding(object, out);
    readRole(object, out);
  } else if (out.group == "external-secrets.io") {
    readExternalSecret(object, out);
  } else if (out.is("secrets-store.csi.x-k8s.io", "SecretProviderClass")) {
    readSecretProviderClass(object, out);
  } else if (out.is("certificates.k8s.io", "CertificateSigningRequest") ||
             out.is("cert-manager.io", "Certificate") || out.is("cert-manager.io", "CertificateRequest")) {
    readCertificate(object, out);
  }
}

}  // namespace

ObjectView readObject(const JsonNode& object) {
  ObjectView out;
  std::string apiVersion;
  object.read("apiVersion", apiVersion);
  object.read("kind", out.kind);
  if (const size_t slash = apiVersion.find('/'); slash != std::string::npos)
    out.group = apiVersion.substr(0, slash);
  object.object("metadata", [&](const JsonNode& meta) {
    meta.read("name", out.name);
    meta.read("generateName", out.generateName);
    meta.read("namespace", out.ns);
    meta.read("labels", out.labels);
    meta.read("annotations", out.annotations);
  });
  readPods(object, out);
  readStrings(object, out);
  readRest(object, out);
  return out;
}

Result<ObjectView> readObject(std::string_view json) {
  const Result<std::shared_ptr<const JsonDocument>> document = parseReview(json);
  if (!document) return std::unexpected(document.error());
  JsonNode::Failure failure;
  const JsonNode root(*document, failure);
  if (!root.isObject()) return fail(ErrorKind::Invalid, "is not an object");
  ObjectView out = readObject(root);
  if (!failure.message.empty()) return fail(ErrorKind::Invalid, failure.message);
  return out;
}

}  // namespace errand::rules
