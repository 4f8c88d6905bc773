// Creates the outcome of a request from the verdicts of rules and guards.
#pragma once

#include "rules/catalogue/exempt.hpp"
#include "rules/inject/patch.hpp"
#include "webhook/advice/forecast.hpp"
#include "webhook/guard/request/authorization.hpp"
#include "webhook/handlers/handler.hpp"

namespace errand::webhook {

// Return the answer to a request, in every mode: allowed, with the patch or the warnings if there are any, or
// refused with a message. The outcome of a finding has its rule in `ruleIds`.
Outcome allow(const Call& call, const rules::Patch& patch = {}, std::vector<std::string> warnings = {});
Outcome allow(const Call& call, Forecast forecast);
Outcome refuse(const Call& call, std::string_view message);
Outcome refuse(const Call& call, const rules::Finding& finding);

// Returns the answer for a verdict of the rules. Exemptions remove their findings; then `mode` decides:
// Enforce refuses, Warn adds warnings, Audit adds an audit annotation. `candidate` is the object that the
// Exemptions may select.
Outcome answer(const Call& call, rules::Verdict verdict, const rules::Candidate& candidate, rules::Mode mode);

// Returns the answer for a guard's verdict, which applies in every mode.
Outcome answer(const Call& call, RequestVerdict verdict);

}  // namespace errand::webhook
