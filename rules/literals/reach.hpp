// Derives from a pattern how far its matches reach. The scanner can then search a pattern only near its
// anchors.
#pragma once

#include <bitset>
#include <cstddef>
#include <string_view>

namespace errand::rules {

// An upper bound on the length of every match of a pattern.
struct Reach {
  static constexpr std::size_t kBytes = 256;

  // The bytes that the pattern repeats without a limit, such as blanks for `\s*`.
  std::bitset<kBytes> unlimited;
  // A match has at most this many bytes that are not in `unlimited`.
  std::size_t others = 0;
};

// Returns the reach of an RE2 pattern that is matched byte by byte (Latin-1). If the pattern has syntax that
// the reader does not know (and no format may use), every byte is unlimited: a match may then be as long as
// the text. The test Reach.NearlyEveryFormatHasALimit finds formats with such syntax.
Reach reachOf(std::string_view pattern);

}  // namespace errand::rules
