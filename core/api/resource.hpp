// The resources that this project reads and writes, with their kinds and the parts of their URLs.
#pragma once

#include <string_view>

namespace errand::api {

struct Resource {
  std::string_view group;  // empty for the core group
  std::string_view version;
  std::string_view plural;
  std::string_view kind;
};

inline constexpr Resource kAgentIdentities{"errand.dev", "v1alpha1", "agentidentities", "AgentIdentity"};
inline constexpr Resource kExemptions{"errand.dev", "v1alpha1", "exemptions", "Exemption"};
inline constexpr Resource kTaskGrants{"errand.dev", "v1alpha1", "taskgrants", "TaskGrant"};
inline constexpr Resource kNamespaces{"", "v1", "namespaces", "Namespace"};
inline constexpr Resource kPods{"", "v1", "pods", "Pod"};
inline constexpr Resource kConfigMaps{"", "v1", "configmaps", "ConfigMap"};
inline constexpr Resource kSecrets{"", "v1", "secrets", "Secret"};
inline constexpr Resource kServiceAccounts{"", "v1", "serviceaccounts", "ServiceAccount"};
inline constexpr Resource kJobs{"batch", "v1", "jobs", "Job"};
inline constexpr Resource kDeployments{"apps", "v1", "deployments", "Deployment"};
inline constexpr Resource kReplicaSets{"apps", "v1", "replicasets", "ReplicaSet"};
inline constexpr Resource kCronJobs{"batch", "v1", "cronjobs", "CronJob"};
inline constexpr Resource kStatefulSets{"apps", "v1", "statefulsets", "StatefulSet"};
inline constexpr Resource kRoles{"rbac.authorization.k8s.io", "v1", "roles", "Role"};
inline constexpr Resource kClusterRoles{"rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole"};
inline constexpr Resource kClusterRoleBindings{"rbac.authorization.k8s.io", "v1", "clusterrolebindings",
                                               "ClusterRoleBinding"};
inline constexpr Resource kRoleBindings{"rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding"};
inline constexpr Resource kEvents{"events.k8s.io", "v1", "events", "Event"};
inline constexpr Resource kLeases{"coordination.k8s.io", "v1", "leases", "Lease"};

inline constexpr Resource kMutatingWebhooks{"admissionregistration.k8s.io", "v1",
                                            "mutatingwebhookconfigurations", "MutatingWebhookConfiguration"};
inline constexpr Resource kValidatingWebhooks{"admissionregistration.k8s.io", "v1",
                                              "validatingwebhookconfigurations",
                                              "ValidatingWebhookConfiguration"};
inline constexpr Resource kAdmissionPolicies{"admissionregistration.k8s.io", "v1",
                                             "validatingadmissionpolicies", "ValidatingAdmissionPolicy"};
inline constexpr Resource kAdmissionBindings{"admissionregistration.k8s.io", "v1",
                                             "validatingadmissionpolicybindings",
                                             "ValidatingAdmissionPolicyBinding"};

}  // namespace errand::api
