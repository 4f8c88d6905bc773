// A pod, with every field through which a credential can reach it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/meta.hpp"

namespace errand {
class JsonDocument;
}

namespace errand::rules {

// A variable of a container. Its views point into PodView::document, because pods have many variables.
struct EnvVar {
  std::string_view name;
  std::string_view value;   // as written; the API server rejects it beside valueFrom
  std::string_view secret;  // valueFrom.secretKeyRef.name
  bool fromSecret = false;  // true even if the reference has no name
  bool fromConfigMap = false;
  std::string_view unknownSource;  // a field of valueFrom that this version does not know
};

// A source of variables (envFrom).
struct EnvFrom {
  std::string secret;  // secretRef.name
  bool fromSecret = false;
  std::string unknownSource;
};

// A mount of a volume in a container.
struct VolumeMount {
  std::string volume, mountPath;
  bool readOnly = false;
  bool partial = false;  // subPath or subPathExpr is set: the kubelet never updates the mount
  bool plain = true;     // has only name, mountPath and readOnly
};

// A text that the author wrote, and its field: {"data.key", "…"}.
struct Literal {
  std::string field, text;
};

// A string in any field of a pod: {"/livenessProbe/httpGet/httpHeaders/0/value", "Authorization", "…"}. Its
// views point into the document of its PodView or ObjectView.
struct Text {
  std::string path;       // JSON Pointer, relative to its container or pod
  std::string_view name;  // the name of the field or key, or the `name` beside a `value`; empty in a list
  std::string_view value;
};

// The list of the pod that has the container.
enum class ContainerRole { Container, Init, Ephemeral };

// A container of any role.
struct Container {
  ContainerRole role = ContainerRole::Container;
  size_t index = 0;  // index in its own list of the pod
  std::string name, image;
  std::vector<EnvVar> env;
  std::vector<EnvFrom> envFrom;
  std::vector<VolumeMount> mounts;
  std::vector<Text> texts;      // every string except the names and values of env
  std::vector<Literal> powers;  // beyond Pod Security "baseline": {"securityContext.privileged", "true"}
  // terminationGracePeriodSeconds of the probe. It replaces the pod's when the probe fails.
  std::optional<std::int64_t> livenessGrace, startupGrace;
  bool hasMounts = false;  // the list exists, and may be empty
  bool hasGmsa = false;    // securityContext.windowsOptions names a group managed service account
};

// A Secret that a volume uses, and the field that names it: "secret.secretName",
// "projected.sources[0].secret.name", "csi.nodePublishSecretRef.name".
struct SecretSource {
  std::string field, name;
  bool mountsIt = false;  // the kubelet writes the Secret's content into files and keeps them up to date
};

// A serviceAccountToken source of a projected volume.
struct TokenSource {
  std::string field;  // projected.sources[0].serviceAccountToken
  std::string audience;
  std::optional<std::int64_t> expirationSeconds;  // the API server's default is 3600
};

// A podCertificate source of a projected volume (KEP-4317).
struct CertificateSource {
  std::string field;  // projected.sources[0].podCertificate
  std::string signer;
  std::optional<std::int64_t> maxExpirationSeconds;  // the API server's default is 86400
};

// A hostPath source.
struct HostPath {
  std::string path, type;  // as written
};

// A volume of a pod.
struct Volume {
  std::string name;
  std::vector<SecretSource> secrets;
  std::vector<TokenSource> tokens;
  std::vector<CertificateSource> certificates;
  std::optional<HostPath> hostPath;
  std::optional<std::string> csiDriver;     // csi.driver
  api::StringMap csiAttributes;             // csi.volumeAttributes
  std::optional<std::string> flexDriver;    // flexVolume.driver
  std::vector<std::string> unknownSources;  // "projected.sources[1].newKind"
  std::string json;  // the volume as the author wrote it, minified; empty unless it is a projected volume

  bool hasToken() const { return !tokens.empty(); }
  // True if one of the tokens has no audience: it is valid for the API server.
  bool hasApiToken() const {
    return std::ranges::any_of(tokens, [](const TokenSource& token) { return token.audience.empty(); });
  }
};

// A copy shares the document, so its views stay valid.
struct PodView {
  std::shared_ptr<const JsonDocument> document;  // the text from which the pod was read
  std::string name, generateName, ns, uid, nodeName, serviceAccountName;
  std::string deprecatedServiceAccount;  // spec.serviceAccount, the older name of the same field
  api::StringMap labels, annotations;
  std::vector<api::OwnerReference> owners;
  std::optional<bool> automount;
  std::optional<std::int64_t> activeDeadlineSeconds, terminationGracePeriodSeconds;
  std::vector<std::string> schedulingGates, imagePullSecrets;
  std::vector<std::string> resourceClaims;  // spec.resourceClaims[].name
  std::optional<bool> hostUsers;
  bool hostNetwork = false, hostPid = false, hostIpc = false, sharesProcesses = false;
  std::vector<Container> containers;  // containers, initContainers and ephemeralContainers
  std::vector<Volume> volumes;
  std::vector<Text> texts;      // every string except labels, annotations and those of containers
  std::vector<Literal> powers;  // like Container::powers, from the pod's own securityContext and annotations
  bool hasVolumes = false, hasGates = false;
  bool hasGmsa = false;  // like Container::hasGmsa

  // Returns the ServiceAccount that the pod runs as. serviceAccountName overrides the deprecated field.
  const std::string& account() const {
    return serviceAccountName.empty() ? deprecatedServiceAccount : serviceAccountName;
  }
  // Returns the value of a label; empty if it is not set.
  std::string_view label(std::string_view key) const;
  // Returns the first owner with `controller: true`; null if there is none.
  const api::OwnerReference* controller() const;
  // Returns the first volume of that name; null if there is none.
  const Volume* volume(std::string_view volumeName) const;
};

}  // namespace errand::rules
