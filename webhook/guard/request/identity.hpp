// Who may say what an agent may get.
#pragma once

#include "webhook/guard/request/authorization.hpp"

namespace errand::webhook {

// Of an AgentIdentity at CREATE (`old` is null) or UPDATE: for what a tool class
// may get by it and could not before, its author has `bind` on each role, `get` on
// each Secret and `grant` on each audience; who opens it further otherwise, by a wider
// podSelector or a longer maxDuration say, for all that is opened. In each of these cases
// the author has `define` on the AgentIdentity. What takes away asks for
// nothing. A role that is given anew and is a way to other credentials (SC302) must be accepted by its tool
// class. A slot is of one tool
// class alone, and never of one whose pods may mount it as another's.
RequestVerdict evaluateIdentity(const api::AgentIdentity& identity, const api::AgentIdentity* old,
                                const api::Requester& author, const rules::Views& views,
                                const RequestViews& requests);

}  // namespace errand::webhook
