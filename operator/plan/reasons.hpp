// Every reason that the status of a TaskGrant or AgentIdentity can show. A test prints the tables of
// docs/kinds from it and compares them.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace errand::plan {

// The place where a reason is shown.
enum class Shows {
  GrantEnded,      // status.endedBecause of a TaskGrant, reason of Ready
  GrantStalled,    // reason of Stalled=True and Ready of a TaskGrant
  GrantWaiting,    // reason of Ready=False of a TaskGrant that goes on by itself
  GrantCondition,  // reason of Approved and Active of a TaskGrant, and of Stalled after its end
  Identity,        // reason of a condition of an AgentIdentity
};

struct Reason {
  std::string_view name;
  Shows shows;
  // Markdown, on one line. `phase` is the phase of an ended grant, or the condition and its status.
  std::string_view phase, meaning, wayOut;
};

std::span<const Reason> allReasons();

// The rows of one kind as a Markdown table with its head.
std::string markdownTable(Shows shows);

}  // namespace errand::plan
