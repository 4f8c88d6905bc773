#include "rules/literals/prefilter.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <stdexcept>

namespace errand::rules {
namespace {

constexpr size_t kPrefix = 3;
constexpr size_t kWord = sizeof(std::uint64_t);
constexpr size_t kPlaces = kWord - kPrefix + 1;  // possible positions of a prefix in a word
constexpr char kCase = 0x20;                     // the bit by which a and A differ
constexpr std::uint64_t kCases = 0x2020202020202020;

// Returns the first eight characters of `text`, or all of a shorter text, in lower case.
std::uint64_t word(const char* text, size_t size) {
  std::uint64_t out = 0;
  std::memcpy(&out, text, std::min(size, kWord));
  if constexpr (std::endian::native == std::endian::big) out = std::byteswap(out);
  return out | kCases;
}

// Returns a hash of the first three characters of a word. The multiplier is 2^32 divided by the golden ratio.
// Its shift drops the fourth character.
constexpr std::uint32_t hash(std::uint64_t word, unsigned bits) {
  return static_cast<std::uint32_t>(word) * (0x9E3779B1u << 8) >> (32 - bits);
}

bool inLabel(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}

// Calls found(position) for the dot behind each long label, until found() returns true. Returns whether it
// did.
template <class F>
bool longLabels(std::string_view text, F found) {
  size_t begin = 0;
  for (size_t dot = text.find('.'); dot != text.npos; dot = text.find('.', begin)) {
    if (dot - begin >= kLongLabel &&
        std::ranges::all_of(text.substr(dot - kLongLabel, kLongLabel), inLabel) && found(dot))
      return true;
    begin = dot + 1;
  }
  return false;
}

// The most stretches of one format. Further anchors extend the last one, so a text that is made of anchors
// costs little memory.
constexpr size_t kMostStretches = 4096;

size_t byteAt(std::string_view text, size_t at) { return static_cast<unsigned char>(text[at]); }

}  // namespace

Prefilter::Prefilter(std::span<const Format* const> formats) {
  if (formats.size() > kMostFormats) throw std::logic_error("too many formats for the set of them");
  size_t next = 0;  // each prefix gets a group of its own, as long as there are unused groups
  for (size_t i = 0; i < formats.size(); ++i) {
    const Format* const format = formats[i];
    limits_.push_back(limitsOf(reachOf(format->pattern)));
    if (format->anchors.empty()) longLabels_.push_back(i);
    for (const std::string_view literal : format->anchors) {
      if (literal.size() < kPrefix) throw std::logic_error("an anchor has three characters or more");
      const std::uint32_t place = hash(word(literal.data(), kPrefix), kBits);
      if (groups_[place] == 0) groups_[place] = static_cast<std::uint8_t>(1 + next++ % (kGroups - 1));
      anchors_[groups_[place]].push_back({literal, format->beforeAt, static_cast<std::uint8_t>(i)});
    }
  }
}

// A search of one text.
class Prefilter::Search {
 public:
  Search(const Prefilter& filter, std::string_view text) : filter_(filter), text_(text) {}

  // Calls found(format, position) for each anchor whose prefix is in the word at `begin`, until found()
  // returns true.
  template <class F>
  bool anchorsIn(std::uint64_t word, size_t begin, F found) {
    for (size_t k = 0; k < kPlaces; ++k)
      if (const auto group = filter_.groups_[hash(word >> 8 * k, kBits)]; group != 0)
        for (const Anchor& anchor : filter_.anchors_[group])
          if (isAt(begin + k, anchor.literal) && (!anchor.beforeAt || standsBeforeAt(begin + k)) &&
              found(anchor.format, begin + k))
            return true;
    return false;
  }

  // Calls found(format, position) for the anchors in the whole text, the last of them possibly twice.
  template <class F>
  bool anchors(F found) {
    if (text_.size() < kWord) return anchorsIn(word(text_.data(), text_.size()), 0, found);
    const size_t last = text_.size() - kWord;
    for (size_t i = 0;; i = std::min(i + kPlaces, last)) {
      const std::uint64_t here = word(text_.data() + i, kWord);
      std::uint8_t any = 0;
      for (size_t k = 0; k < kPlaces; ++k) any |= filter_.groups_[hash(here >> 8 * k, kBits)];
      if (any != 0 && anchorsIn(here, i, found)) return true;
      if (i == last) return false;
    }
  }

 private:
  bool isAt(size_t begin, std::string_view literal) const {
    return begin + literal.size() <= text_.size() &&
           std::ranges::equal(text_.substr(begin, literal.size()), literal,
                              [](char a, char b) { return (a | kCase) == (b | kCase); });
  }

  // True if an @ follows. The search stops at the first anchor without one, because no later anchor has one
  // either. A search behind each anchor would take quadratic time.
  bool standsBeforeAt(size_t begin) {
    noAt_ = noAt_ || text_.find('@', begin) == text_.npos;
    return !noAt_;
  }

  const Prefilter& filter_;
  const std::string_view text_;
  bool noAt_ = false;
};

bool Prefilter::passes(std::string_view text) const {
  if (text.size() < kPrefix) return false;
  return Search(*this, text).anchors([](std::size_t, std::size_t) { return true; }) ||
         longLabels(text, [](std::size_t) { return true; });
}

Prefilter::Limits Prefilter::limitsOf(const Reach& reach) {
  Limits out{reach.others, reach.unlimited.none(), {}};
  for (size_t byte = 0; byte < out.isOther.size(); ++byte) out.isOther[byte] = reach.unlimited[byte] ? 0 : 1;
  return out;
}

// True if the stretches around two anchors may touch. They do not if more than 2 * Reach::others other bytes
// lie between the anchors.
bool Prefilter::areNear(std::string_view text, const Limits& limits, std::size_t anchor, std::size_t next) {
  constexpr size_t kBlock = 64;  // the sum of a block is faster than a test of each byte
  const size_t most = 2 * limits.others;
  if (next - anchor <= most) return true;
  if (limits.isFixed) return false;
  for (size_t others = 0; anchor < next;) {
    const size_t end = std::min(anchor + kBlock, next);
    for (; anchor < end; ++anchor) others += limits.isOther[byteAt(text, anchor)];
    if (others > most) return false;
  }
  return true;
}

// Widens a stretch from its first anchor to its last by the bytes that a match around one of them can reach.
void Prefilter::widen(std::string_view text, const Limits& limits, Stretch& stretch) {
  if (limits.isFixed) {
    stretch.begin -= std::min(stretch.begin, limits.others);
    stretch.end += std::min(text.size() - stretch.end, limits.others);
    return;
  }
  size_t before = limits.others, after = limits.others;
  for (size_t other = 0; stretch.begin > 0; --stretch.begin, before -= other)
    if ((other = limits.isOther[byteAt(text, stretch.begin - 1)]) > before) break;
  for (size_t other = 0; stretch.end < text.size(); ++stretch.end, after -= other)
    if ((other = limits.isOther[byteAt(text, stretch.end)]) > after) break;
}

std::vector<Prefilter::Parts> Prefilter::partsOf(std::string_view text) const {
  std::vector<Parts> out;
  if (text.size() < kPrefix) return out;
  std::array<std::uint16_t, kMostFormats> places{};  // in `out`, from 1
  const auto add = [&](std::size_t format, std::size_t anchor) {
    if (places[format] == 0) {
      out.push_back({format, {}});
      places[format] = static_cast<std::uint16_t>(out.size());
    }
    std::vector<Stretch>& stretches = out[places[format] - 1].stretches;
    if (stretches.empty() || (anchor > stretches.back().end && stretches.size() < kMostStretches &&
                              !areNear(text, limits_[format], stretches.back().end, anchor)))
      stretches.push_back({anchor, anchor});
    else
      stretches.back().end = std::max(stretches.back().end, anchor);
    return false;
  };
  Search(*this, text).anchors(add);
  longLabels(text, [&](std::size_t dot) {
    for (const std::size_t format : longLabels_) add(format, dot);
    return false;
  });
  std::ranges::sort(out, {}, &Parts::format);
  for (Parts& parts : out)
    for (Stretch& stretch : parts.stretches) widen(text, limits_[parts.format], stretch);
  return out;
}

}  // namespace errand::rules
