// Decides which users may define the access of an agent.
#pragma once

#include "webhook/guard/request/authorization.hpp"

namespace errand::webhook {

// Checks an AgentIdentity at CREATE (`old` is null) or UPDATE:
// - For access that a tool class gains, the author needs `bind` on each role, `get` on each Secret and
//   `grant` on each audience.
// - A write that widens a tool class or the whole identity, such as by a longer maxDuration or a wider
//   podSelector, needs these verbs for all of its access.
// - In each of these cases the author also needs `define` on the AgentIdentity.
// - A write that only removes access needs no verb.
// - If an added role is a way to other credentials, its tool class must accept that (SC302).
// - A slot belongs to one tool class only. No class may take a slot that the pods of another class may mount.
// - An identity has at most 16 tool classes, and each at most 16 names per list and 8 audiences. A client
//   that calls the webhook directly bypasses the schema's limits.
RequestVerdict evaluateIdentity(const api::AgentIdentity& identity, const api::AgentIdentity* old,
                                const api::Requester& author, const rules::ClusterState& cluster);

}  // namespace errand::webhook
