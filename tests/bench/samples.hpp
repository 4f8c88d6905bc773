// Any number of different objects with the size and shape that they have in a busy cluster.
#pragma once

#include <string>

#include "core/api/agentidentity.hpp"
#include "core/api/objects.hpp"
#include "core/api/taskgrant.hpp"

namespace errand::bench {

// A hundred namespaces; an identity has two tool classes.
api::AgentIdentity identity(int i);

// An Active grant of identity i % identities with two roles, a token and three conditions.
api::TaskGrant grant(int i, int identities);

// The objects of such a grant: one account, and a binding for its first role.
api::ServiceAccount accountOf(const api::TaskGrant& grant);
api::RoleBinding bindingOf(const api::TaskGrant& grant);

// A List of `count` grants as kube-apiserver writes it, with managedFields.
std::string grantList(int count);

}  // namespace errand::bench
