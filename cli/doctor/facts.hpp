// The facts about an installation, as `doctor` has read them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/verdict/verdict.hpp"
#include "core/api/agentidentity.hpp"
#include "core/api/lease.hpp"
#include "core/api/objects.hpp"
#include "core/api/taskgrant.hpp"

namespace errand::cli {

// The replicas of a Deployment.
struct DeploymentRead {
  std::string name;
  struct Replicas {
    std::int64_t desired = 1, ready = 0;
  };
  Read<Replicas> found;
};

// A webhook configuration.
struct WebhooksRead {
  std::string kind;
  struct Webhooks {
    std::vector<std::string> bundles;  // of each webhook, as PEM
    bool byUrl = false;                // they are called by a URL, not through a Service
  };
  Read<Webhooks> found;
};

// The binding of an admission policy.
struct PolicyBindingRead {
  std::string name, policy;
};

// A user, group or ServiceAccount that may request grants.
struct RequesterRead {
  std::string ns;       // empty means every namespace
  std::string subject;  // in words: ServiceAccount ci/orchestrator
  std::string role;     // ClusterRole/errand-requester
};

struct DoctorFacts {
  std::string operatorNamespace;
  Read<std::vector<std::string>> kinds;  // plurals of errand.dev/v1alpha1 that the API server serves
  std::vector<DeploymentRead> deployments;
  Read<api::Lease> lease;
  std::vector<WebhooksRead> webhooks;
  Read<std::vector<std::string>> policies;  // names
  Read<std::vector<PolicyBindingRead>> bindings;
  Read<std::string> guardsSince;  // of the ConfigMap errand-guards
  Read<std::vector<api::PartialObject>> namespaces;
  Read<std::vector<std::string>> bound;      // namespaces with the RoleBinding errand-operator
  Read<std::vector<std::string>> bindRoles;  // namespaces with the Role errand-operator-bind
  Read<std::vector<api::AgentIdentity>> identities;
  Read<std::vector<api::TaskGrant>> grants;
  Read<std::vector<RequesterRead>> requesters;
};

}  // namespace errand::cli
