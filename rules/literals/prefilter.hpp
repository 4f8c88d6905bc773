// Excludes texts that hold no credential of any format, from a few characters of each.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "rules/literals/format.hpp"

namespace errand::rules {

// Searches for the formats' anchors. The first three characters, in lower case and hashed, index a table that
// fits into the first-level cache. Unlike in an automaton, no step waits for the step before it.
class Prefilter {
 public:
  explicit Prefilter(std::span<const Format* const> formats);

  // Returns false only if no format's pattern matches in `text`. A match is possible but not certain if true.
  bool passes(std::string_view text) const;

  // Returns the formats whose patterns may match, by their index in the list. No other pattern matches.
  static constexpr size_t kMostFormats = 256;
  std::bitset<kMostFormats> formatsIn(std::string_view text) const;

 private:
  struct Anchor {
    std::string_view literal;
    bool beforeAt;
    std::uint8_t format;
  };
  class Search;

  static constexpr unsigned kBits = 14;
  static constexpr std::size_t kGroups = 256;
  std::array<std::uint8_t, 1 << kBits> groups_{};     // by hash; 0: no anchor
  std::array<std::vector<Anchor>, kGroups> anchors_;  // by group; several hashes may share one
  std::bitset<kMostFormats> longLabels_;              // formats without an anchor
};

}  // namespace errand::rules
