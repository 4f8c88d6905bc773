// Decides which users may define the access of an agent.
#pragma once

#include "webhook/guard/request/authorization.hpp"

namespace errand::webhook {

// Checks an AgentIdentity at CREATE (`old` is null) or UPDATE:
// - For access that a tool class gains, the author needs `bind` on each role, `get` on each Secret and
//   `grant` on each audience.
// - A write that opens the identity in another way, such as by a wider podSelector or a longer maxDuration,
//   needs these verbs for all access that it opens.
// - In each of these cases the author also needs `define` on the AgentIdentity.
// - A write that only takes access away needs no verb.
// - An added role that is a way to other credentials (SC302) must be accepted by its tool class.
// - A slot belongs to one tool class only. No class may take a slot that the pods of another class may
//   mount.
RequestVerdict evaluateIdentity(const api::AgentIdentity& identity, const api::AgentIdentity* old,
                                const api::Requester& author, const rules::ClusterState& cluster);

}  // namespace errand::webhook
