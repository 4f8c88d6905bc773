// The Kubernetes objects that this project reads or writes, with only the fields that affect a decision.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/api/codec.hpp"
#include "core/api/meta.hpp"

namespace errand::api {

// The metadata of an object (PartialObjectMetadata), such as a Namespace or a Secret.
struct PartialObject {
  ObjectMeta meta;
};

struct ConfigMap {
  ObjectMeta meta;
  StringMap data;
};

struct ServiceAccount {
  ObjectMeta meta;
  std::optional<bool> automount;
};

struct RoleRef {
  std::string kind;  // Role or ClusterRole
  std::string name;
  auto operator<=>(const RoleRef&) const = default;
};

struct Subject {
  std::string kind, name, ns;
  bool operator==(const Subject&) const = default;
};

struct RoleBinding {
  ObjectMeta meta;
  RoleRef role;
  std::vector<Subject> subjects;
};

// rbac.authorization.k8s.io/v1 PolicyRule. It has no resourceNames, which only narrow a rule, and no
// nonResourceURLs, which a RoleBinding cannot grant.
struct PolicyRule {
  std::vector<std::string> groups, resources, verbs;
  bool operator==(const PolicyRule&) const = default;
};

// A Role or ClusterRole. Decoding keeps only name, namespace, uid and resourceVersion of its metadata. The
// controller manager fills in the rules of an aggregated ClusterRole.
struct Role {
  ObjectMeta meta;
  std::string rulesDigest;  // of comparableRules(): sha256:…
  std::vector<PolicyRule> rules;
};

// A Deployment or StatefulSet.
struct Workload {
  ObjectMeta meta;
  std::string templateDigest;      // of spec.template: sha256:…
  StringMap podLabels;             // of spec.template
  std::vector<std::string> slots;  // as of a Pod, of spec.template
};

struct Pod {
  ObjectMeta meta;
  std::string serviceAccountName, nodeName, phase;
  std::vector<std::string> schedulingGates;
  // The Secrets named errand-… that any field of its spec refers to, except those of a grant (errand-g.…).
  std::vector<std::string> slots;
  // The digest of containers, initContainers and volumes. Empty for a pod with a controller. A resize, the
  // scheduler or a removed scheduling gate does not change it.
  std::string templateDigest;
  std::optional<std::int64_t> activeDeadlineSeconds;  // seconds from its start on the node
};

struct Job {
  ObjectMeta meta;
  bool suspended = false;  // spec.suspend
  bool started = false;    // status.startTime is set; false while the Job is suspended
  std::optional<std::int64_t> activeDeadlineSeconds;  // seconds from status.startTime
  bool complete = false;                              // condition Complete
  bool failed = false;                                // condition Failed
  std::string reason, message;                        // of that condition
  std::string templateDigest;                         // of comparableJobTemplate(): sha256:…
  StringMap podLabels;                                // of spec.template
  std::vector<std::string> slots;                     // as of a Pod, of spec.template
};

// Return the object as JSON, with apiVersion and kind.
nlohmann::json encode(const ServiceAccount& account);
nlohmann::json encode(const RoleBinding& binding);

}  // namespace errand::api
