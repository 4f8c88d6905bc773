// The commands that mend a problem of a grant. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/explain/facts.hpp"
#include "core/policy/ceiling.hpp"

namespace errand::cli {

// Returns the problem with its field and its commands. A problem without a command has a message that says
// what to do.
Trouble mended(const policy::Problem& problem, const ExplainFacts& facts);

// The same for a reason that a condition shows.
Trouble mended(const api::Condition& condition, const ExplainFacts& facts);

// Returns a command that sets labels on the pods of the workload. Empty for a Pod: it must be created again.
std::string labelCommand(const ExplainFacts& facts, const api::StringMap& labels);

// Returns what reasons.inc says to do about a reason of an end or a stall, as plain text; empty if nothing.
std::string wayOut(policy::Reason reason, bool ended);

}  // namespace errand::cli
