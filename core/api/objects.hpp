// The Kubernetes objects that we touch, with just the fields that decide something.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/api/codec.hpp"
#include "core/api/meta.hpp"

namespace errand::api {

// Any kind of which only metadata matters (PartialObjectMetadata): Namespace, Secret.
struct PartialObject {
  ObjectMeta meta;
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

// rbac.authorization.k8s.io/v1 PolicyRule, without the fields that narrow it or that a RoleBinding does not
// give.
struct PolicyRule {
  std::vector<std::string> groups, resources, verbs;
  bool operator==(const PolicyRule&) const = default;
};

// A Role or ClusterRole. Of its metadata only what names this very object. The rules are the effective ones:
// of an aggregated ClusterRole the controller manager fills them in.
struct Role {
  ObjectMeta meta;
  std::string rulesDigest;  // of every field of its rules: sha256:…
  std::vector<PolicyRule> rules;
};

// A Deployment or StatefulSet.
struct Workload {
  ObjectMeta meta;
  std::string templateDigest;  // of spec.template: sha256:…
  StringMap podLabels;         // of spec.template
};

struct Pod {
  ObjectMeta meta;
  std::string serviceAccountName, nodeName, phase;
  std::vector<std::string> schedulingGates;
  // The Secrets called errand-… that its spec names, in whatever volume or variable, but for those of a
  // grant.
  std::vector<std::string> slots;
  // Of what its containers are, for a pod that no controller has made; empty for others. What the
  // scheduler, a resize or a lifted gate changes is left out.
  std::string templateDigest;
  std::optional<std::int64_t> activeDeadlineSeconds;  // counted from its start on the node
};

struct Job {
  ObjectMeta meta;
  bool started = false;                               // status.startTime; none while it is suspended
  std::optional<std::int64_t> activeDeadlineSeconds;  // counted from there
  bool complete = false;                              // condition Complete
  bool failed = false;                                // condition Failed
  std::string reason, message;
  std::string templateDigest;  // of spec.template: sha256:…
  StringMap podLabels;         // of spec.template
};

template <>
Result<PartialObject> decode(const nlohmann::json& value);
template <>
Result<ServiceAccount> decode(const nlohmann::json& value);
template <>
Result<RoleBinding> decode(const nlohmann::json& value);
template <>
Result<Role> decode(const nlohmann::json& value);
template <>
Result<Workload> decode(const nlohmann::json& value);
template <>
Result<Pod> decode(const nlohmann::json& value);
template <>
Result<Job> decode(const nlohmann::json& value);

nlohmann::json encode(const ServiceAccount& account);
nlohmann::json encode(const RoleBinding& binding);

}  // namespace errand::api
