// Creates the outcome of a request from the verdicts of rules and guards.
#pragma once

#include "rules/catalogue/exempt.hpp"
#include "rules/inject/patch.hpp"
#include "webhook/guard/request/authorization.hpp"
#include "webhook/handlers/handler.hpp"

namespace errand::webhook {

// Return the answer to a request: allowed, with the patch if it is not empty, or refused with a message.
Outcome allow(const Call& call, const rules::Patch& patch = {});
Outcome refuse(const Call& call, std::string_view message);
Outcome refuse(const Call& call, const rules::Finding& finding);

// Applies the Exemptions and the namespace's mode to a verdict of the rules.
Outcome answer(const Call& call, rules::Verdict verdict, const rules::Candidate& candidate, rules::Mode mode);

// A guard's refusal applies in every mode.
Outcome answer(const Call& call, RequestVerdict verdict);

}  // namespace errand::webhook
