#include "rules/view/read/readvolume.hpp"

#include <algorithm>
#include <array>

namespace errand::rules {
namespace {

// The field in which a volume source names a Secret, such as csi.nodePublishSecretRef.name.
struct SecretField {
  std::string_view source, ref, name;
};
constexpr std::array kSecretFields = std::to_array<SecretField>({
    {"azureFile", "", "secretName"},
    {"cephfs", "secretRef", "name"},
    {"cinder", "secretRef", "name"},
    {"csi", "nodePublishSecretRef", "name"},
    {"flexVolume", "secretRef", "name"},
    {"iscsi", "secretRef", "name"},
    {"rbd", "secretRef", "name"},
    {"scaleIO", "secretRef", "name"},
    {"storageos", "secretRef", "name"},
});

// The sources of Kubernetes 1.37 that name no Secret.
constexpr std::array<std::string_view, 20> kOtherSources = {"awsElasticBlockStore",
                                                            "azureDisk",
                                                            "configMap",
                                                            "downwardAPI",
                                                            "emptyDir",
                                                            "ephemeral",
                                                            "fc",
                                                            "flocker",
                                                            "gitRepo",
                                                            "gcePersistentDisk",
                                                            "glusterfs",
                                                            "image",
                                                            "nfs",
                                                            "persistentVolumeClaim",
                                                            "photonPersistentDisk",
                                                            "portworxVolume",
                                                            "quobyte",
                                                            "vsphereVolume",
                                                            "secret",
                                                            "projected"};

constexpr std::array<std::string_view, 3> kOtherProjections = {"clusterTrustBundle", "configMap",
                                                               "downwardAPI"};

void readProjected(const JsonNode& projected, Volume& out) {
  size_t index = 0;
  projected.list("sources", [&](const JsonNode& source) {
    const std::string at = "projected.sources[" + std::to_string(index++) + "].";
    source.objects([&](std::string_view kind, const JsonNode& value) {
      if (kind == "secret") {
        SecretSource& secret = out.secrets.emplace_back(at + "secret.name", "", true);
        value.read("name", secret.name);
      } else if (kind == "serviceAccountToken") {
        TokenSource& token = out.tokens.emplace_back(at + "serviceAccountToken", "", std::nullopt);
        value.read("audience", token.audience);
        value.read("expirationSeconds", token.expirationSeconds);
      } else if (kind == "podCertificate") {
        CertificateSource& certificate =
            out.certificates.emplace_back(at + "podCertificate", "", std::nullopt);
        value.read("signerName", certificate.signer);
        value.read("maxExpirationSeconds", certificate.maxExpirationSeconds);
      } else if (std::ranges::find(kOtherProjections, kind) == kOtherProjections.end()) {
        out.unknownSources.push_back(at + std::string(kind));
      }
    });
  });
}

void readSource(std::string_view kind, const JsonNode& source, Volume& out) {
  if (kind == "secret") {
    SecretSource& secret = out.secrets.emplace_back("secret.secretName", "", true);
    source.read("secretName", secret.name);
    return;
  }
  if (kind == "projected") return readProjected(source, out);
  if (kind == "hostPath") {
    HostPath& host = out.hostPath.emplace();
    source.read("path", host.path);
    return source.read("type", host.type);
  }
  if (kind == "csi") {
    source.read("driver", out.csiDriver.emplace());
    source.read("volumeAttributes", out.csiAttributes);
  }
  if (kind == "flexVolume") source.read("driver", out.flexDriver.emplace());
  const auto field = std::ranges::find(kSecretFields, kind, &SecretField::source);
  if (field == kSecretFields.end()) {
    if (std::ranges::find(kOtherSources, kind) == kOtherSources.end()) out.unknownSources.emplace_back(kind);
    return;
  }
  const auto readName = [&](const JsonNode& ref, const std::string& path) {
    SecretSource secret{path + "." + std::string(field->name), "", false};
    ref.read(field->name, secret.name);
    if (!secret.name.empty()) out.secrets.push_back(std::move(secret));
  };
  const std::string path(kind);
  if (field->ref.empty()) return readName(source, path);
  source.object(field->ref,
                [&](const JsonNode& ref) { readName(ref, path + "." + std::string(field->ref)); });
}

}  // namespace

Volume readVolume(const JsonNode& volume) {
  Volume out;
  volume.read("name", out.name);
  volume.fields([&](std::string_view kind, const JsonNode& source) {
    if (kind == "name") return;
    if (!source.mustBeObject()) return;
    readSource(kind, source, out);
  });
  if (volume.has("projected")) out.json = volume.minified();
  return out;
}

}  // namespace errand::rules
