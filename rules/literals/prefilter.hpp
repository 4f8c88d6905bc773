// Tells from a few characters that a text holds no credential of any format.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "rules/literals/format.hpp"

namespace errand::rules {

// Looks for the formats' anchors: their first three characters, folded to lower
// case and hashed, index a table that fits the first-level cache. Unlike in an
// automaton no step waits for the one before it.
class Prefilter {
 public:
  explicit Prefilter(std::span<const Format* const> formats);

  // False where no format's pattern matches in `text`. True says little.
  bool passes(std::string_view text) const;

  // The formats whose pattern may match, by their place in the list: all others' do not.
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
