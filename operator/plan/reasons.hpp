// The table of reasons: core/policy/reasons.inc with its texts. A test prints the tables of docs/kinds from
// it and compares them.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/policy/reason.hpp"

namespace errand::plan {

using policy::Reason;

// The place where a reason is shown.
enum class Shows { GrantEnded, GrantStalled, GrantWaiting, GrantCondition, GrantEvent, Identity };

// One row of the table. The texts are literals, so the views never dangle.
struct ReasonRow {
  Reason reason;
  Shows shows;
  // `phase` is the phase of the grant, or the condition and its status. It may be empty, like `wayOut`.
  std::string_view phase, meaning, wayOut;
};

// Returns one row for each reason and place, in the order of reasons.inc. Safe from any thread.
std::span<const ReasonRow> reasonRows();

// Returns the rows of one place as a Markdown table with its head.
std::string markdownTable(Shows shows);

}  // namespace errand::plan
