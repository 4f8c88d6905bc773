// The parts of explain(). Pure.
#pragma once

#include <string>
#include <vector>

#include "cli/explain/facts.hpp"

namespace errand::cli {

using Lines = std::vector<CheckLine>;

// Returns the lines of a chain that has no grant, or whose grant could not be read.
Lines withoutGrant(const ExplainFacts& facts);

// Returns the cause, the time and the proof of the end. The grant must have ended.
Lines endOf(const ExplainFacts& facts);

// Returns one line for each pod, at most five. `facts.grant` may be unset.
Lines podLines(const ExplainFacts& facts);

// Returns the line of the namespace.
CheckLine namespaceLine(const ExplainFacts& facts, Time now);

// Returns what the user of this command may not do, though the chain needs it; empty if nothing is missing.
// Pass the agent that the grant names, or an empty name to consider each agent of the namespace.
Lines rightsLines(const ExplainFacts& facts, std::string_view agent);

}  // namespace errand::cli
