// An object of any kind, with the fields that can hold a credential or lead to one. A pod, or the pod
// template of a workload, is a PodView.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/api/agentidentity.hpp"
#include "core/api/meta.hpp"
#include "core/api/objects.hpp"
#include "core/base/result.hpp"
#include "rules/view/podview.hpp"

namespace errand::rules {

using Subject = api::Subject;

// A rule that an aggregated ClusterRole takes from another one.
struct AggregatedRule {
  std::string from;             // the ClusterRole that has the rule
  std::optional<size_t> index;  // in its rules; nullopt if that role is built in
  api::PolicyRule rule;
};

// A selector of an aggregationRule that leaves rules unknown.
struct UnknownRules {
  std::string role;     // the ClusterRole that has the selector
  size_t selector = 0;  // index into its clusterRoleSelectors; 0 if it has none
  bool isOpen = false;  // true: it requires no label, so it may select any role; false: it selects no role
};

// The aggregationRule of a ClusterRole. In a cluster `rules` and `unknown` are empty, because the controller
// manager has copied the selected rules into the role. For files AggregatedRoles computes them.
struct Aggregation {
  std::vector<api::LabelSelector> selectors;
  std::vector<AggregatedRule> rules;
  std::vector<UnknownRules> unknown;
};

// Fields that the kind does not have are empty.
struct ObjectView {
  std::string group, kind, ns, name, generateName;
  api::StringMap labels, annotations;

  std::optional<PodView> pod;
  // JSON Pointer of the pod or template: "" for a Pod, "/spec/template" for a Deployment.
  std::string podPath;

  std::optional<bool> automount;                       // ServiceAccount
  std::vector<std::string> secrets, imagePullSecrets;  // ServiceAccount

  std::string type;            // Secret
  std::vector<Literal> texts;  // values of a ConfigMap or Secret, decoded from base64; field is "data.key"

  std::vector<Subject> subjects;           // bindings
  std::string roleKind, roleName;          // roleRef of bindings
  std::vector<api::PolicyRule> rules;      // Role, ClusterRole
  std::optional<Aggregation> aggregation;  // ClusterRole
  std::vector<Literal> nodePaths;          // PersistentVolume: {"hostPath", "/var/lib/kubelet"}
  // True for an object of a kind of SC112 that copies no credential: an ExternalSecret with only generators,
  // or a SecretProviderClass without secretObjects.
  bool copiesNothing = false;

  std::string signer, requester;                  // CertificateSigningRequest: signerName, username
  std::optional<std::int64_t> expirationSeconds;  // CertificateSigningRequest
  std::string duration;                           // kinds of cert-manager, as a Go duration
  std::vector<std::string> usages;                // all kinds of certificates
  bool isAuthority = false;                       // kinds of cert-manager: spec.isCA

  std::shared_ptr<const JsonDocument> document;  // the text that `strings` point into
  // Every string in the spec of a workload, volume or claim, except those in a pod template.
  std::vector<Text> strings;

  bool is(std::string_view otherGroup, std::string_view otherKind) const {
    return group == otherGroup && kind == otherKind;
  }
};

// Reads JSON text. Fails with Invalid if the text is no JSON object (core/json), has too many entries
// (kMostEntries), or if a field of the view has the wrong type or is no base64. A pod or template must have a
// spec, and a Pod metadata. The message names the field. An object without a kind gives an empty kind.
Result<ObjectView> readObject(std::string_view json);

}  // namespace errand::rules
