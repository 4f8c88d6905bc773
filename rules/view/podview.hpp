// A pod as the rules see it: every place where a credential can come in.
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

// Pods have many of these: views into PodView::document.
struct EnvVar {
  std::string_view name;
  std::string_view value;          // empty where it comes from elsewhere
  std::string_view secret;         // valueFrom.secretKeyRef.name
  bool fromSecret = false;         // true even where the reference has no name
  std::string_view unknownSource;  // a field of valueFrom that this version does not know
};

struct EnvFrom {
  std::string secret;  // secretRef.name
  bool fromSecret = false;
  std::string unknownSource;
};

struct VolumeMount {
  std::string volume, mountPath;
  bool readOnly = false;
  bool partial = false;  // subPath or subPathExpr: never updated by the kubelet
  bool plain = true;     // nothing beyond name, mountPath and readOnly
};

// A text that the author wrote, and where: {"data.key", "…"}.
struct Literal {
  std::string field, text;
};

// A string of a pod, in whatever field: {"/livenessProbe/httpGet/httpHeaders/0/value", "Authorization", "…"}.
// Views into PodView::document.
struct Text {
  std::string path;       // JSON Pointer, relative to the container or pod that has it
  std::string_view name;  // the field's name, the map's key, or the `name` beside a `value`; empty in a list
  std::string_view value;
};

enum class ContainerRole { Container, Init, Ephemeral };

struct Container {
  ContainerRole role = ContainerRole::Container;
  size_t index = 0;  // in its own list of the pod
  std::string name, image;
  std::vector<EnvVar> env;
  std::vector<EnvFrom> envFrom;
  std::vector<VolumeMount> mounts;
  std::vector<Text> texts;      // every string except the names and values of env
  std::vector<Literal> powers;  // beyond Pod Security "baseline": {"securityContext.privileged", "true"}
  // terminationGracePeriodSeconds of the probe. It replaces the pod's when the probe fails.
  std::optional<std::int64_t> livenessGrace, startupGrace;
  bool hasMounts = false;  // the list is there, perhaps empty
  bool hasGmsa = false;    // securityContext.windowsOptions names a group managed service account
};

// A Secret that a volume brings in, and by which field: "secret.secretName",
// "projected.sources[0].secret.name", "csi.nodePublishSecretRef.name".
struct SecretSource {
  std::string field, name;
  bool mountsIt = false;  // the Secret's content becomes files that the kubelet keeps up to date
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

struct HostPath {
  std::string path, type;  // as written
};

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
  std::string json;                         // the volume as written, of projected volumes only

  bool hasToken() const { return !tokens.empty(); }
  // A token without an audience is good for the API server.
  bool hasApiToken() const {
    return std::ranges::any_of(tokens, [](const TokenSource& token) { return token.audience.empty(); });
  }
};

struct PodView {
  std::shared_ptr<const JsonDocument> document;  // the text that it was read from
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
  std::vector<Literal> powers;  // as Container's, of the pod's own securityContext and annotations
  bool hasVolumes = false, hasGates = false;
  bool hasGmsa = false;  // as Container's

  // The ServiceAccount that the pod runs as; serviceAccountName wins over the older field.
  const std::string& account() const {
    return serviceAccountName.empty() ? deprecatedServiceAccount : serviceAccountName;
  }
  std::string_view label(std::string_view key) const;
  const api::OwnerReference* controller() const;
  const Volume* volume(std::string_view volumeName) const;
};

}  // namespace errand::rules
