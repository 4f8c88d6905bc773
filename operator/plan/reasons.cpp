#include "operator/plan/reasons.hpp"

#include <fmt/format.h>

#include <initializer_list>
#include <vector>

namespace errand::plan {
namespace {

using enum Shows;
using Text = std::string_view;

struct Place {
  Shows shows;
  Text phase, meaning, wayOut;
};

// The functions that the entries of reasons.inc call.
constexpr Place ended(Text phase, Text meaning, Text wayOut) { return {GrantEnded, phase, meaning, wayOut}; }
constexpr Place stalled(Text meaning, Text wayOut) { return {GrantStalled, "", meaning, wayOut}; }
constexpr Place waiting(Text phase, Text meaning) { return {GrantWaiting, phase, meaning, ""}; }
constexpr Place condition(Text condition, Text meaning, Text wayOut = "") {
  return {GrantCondition, condition, meaning, wayOut};
}
constexpr Place identity(Text condition, Text meaning, Text wayOut = "") {
  return {Identity, condition, meaning, wayOut};
}
constexpr Place event(Text meaning) { return {GrantEvent, "", meaning, ""}; }

void add(std::vector<ReasonRow>& out, Reason reason, std::initializer_list<Place> places) {
  for (const Place& place : places)
    out.push_back({reason, place.shows, place.phase, place.meaning, place.wayOut});
}

std::vector<ReasonRow> made() {
  std::vector<ReasonRow> out;
#define ERRAND_REASON(name, ...) add(out, Reason::name, {__VA_ARGS__});
#include "core/policy/reasons.inc"
#undef ERRAND_REASON
  return out;
}

}  // namespace

std::span<const ReasonRow> reasonRows() {
  static const std::vector<ReasonRow> rows = made();
  return rows;
}

std::string markdownTable(Shows shows) {
  const bool phase = shows != GrantStalled && shows != GrantEvent;
  const bool wayOut = shows != GrantWaiting && shows != GrantEvent;
  std::string out = fmt::format("| Reason |{} Meaning |{}\n|---|{}---|{}\n",
                                !phase                                         ? ""
                                : shows == GrantEnded || shows == GrantWaiting ? " Phase |"
                                                                               : " Condition |",
                                wayOut ? " What to do |" : "", phase ? "---|" : "", wayOut ? "---|" : "");
  for (const ReasonRow& row : reasonRows())
    if (row.shows == shows) {
      out += fmt::format("| `{}` |", policy::toString(row.reason));
      if (phase) out += fmt::format(" {} |", row.phase);
      out += fmt::format(" {} |", row.meaning);
      if (wayOut) out += row.wayOut.empty() ? " |" : fmt::format(" {} |", row.wayOut);
      out += '\n';
    }
  return out;
}

}  // namespace errand::plan
