// Excludes texts, and parts of texts, that hold no credential of any format, from a few characters of each.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "rules/literals/format.hpp"
#include "rules/literals/reach.hpp"

namespace errand::rules {

// Searches for the formats' anchors. A hash of the first three characters, in lower case, indexes a table of
// 16 KiB, which fits into the first-level cache. Unlike in an automaton, no step waits for the step before
// it. Safe to use from several threads.
class Prefilter {
 public:
  // Throws std::logic_error for more than kMostFormats formats, or for an anchor of less than three
  // characters. The texts of the formats must outlive this object.
  explicit Prefilter(std::span<const Format* const> formats);

  // Returns false if no pattern can match in `text`, and true if one may match.
  bool passes(std::string_view text) const;

  // The part of a text from `begin` to before `end`.
  struct Stretch {
    std::size_t begin, end;
  };
  // The only parts of a text in which the pattern of one format may match.
  struct Parts {
    std::size_t format;  // its index in the list
    std::vector<Stretch> stretches;
  };

  // Returns the parts of `text` to search, in the order of the formats. Each match of a pattern lies in one
  // stretch of its format. The stretches of a format are in order and do not touch. Do not cut a stretch out
  // of the text: a match also depends on the characters around it.
  std::vector<Parts> partsOf(std::string_view text) const;

  // An anchor keeps the index of its format in one byte.
  static constexpr std::size_t kMostFormats = 256;

 private:
  struct Anchor {
    std::string_view literal;
    bool beforeAt;
    std::uint8_t format;
  };
  class Search;

  // The reach of a format's pattern, in a form that is fast to test.
  struct Limits {
    std::size_t others;
    bool isFixed;  // no byte is unlimited
    std::array<std::uint8_t, Reach::kBytes> isOther;
  };
  static Limits limitsOf(const Reach& reach);
  static bool areNear(std::string_view text, const Limits& limits, std::size_t anchor, std::size_t next);
  static void widen(std::string_view text, const Limits& limits, Stretch& stretch);

  static constexpr unsigned kBits = 14;
  static constexpr std::size_t kGroups = 256;
  std::array<std::uint8_t, 1 << kBits> groups_{};     // by hash; 0: no anchor
  std::array<std::vector<Anchor>, kGroups> anchors_;  // by group; several hashes may share one
  std::vector<std::size_t> longLabels_;               // formats without an anchor
  std::vector<Limits> limits_;                        // by format
};

}  // namespace errand::rules
