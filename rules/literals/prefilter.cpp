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
constexpr char kCase = 0x20;
constexpr std::uint64_t kCases = 0x2020202020202020;

// Returns the first eight characters of `text`, or all of a shorter text, in lower case.
std::uint64_t word(const char* text, size_t size) {
  std::uint64_t out = 0;
  std::memcpy(&out, text, std::min(size, kWord));
  if constexpr (std::endian::native == std::endian::big) out = std::byteswap(out);
  return out | kCases;
}

// Returns a hash of three characters: the multiplier shifts the fourth out.
constexpr std::uint32_t hash(std::uint64_t word, unsigned bits) {
  return static_cast<std::uint32_t>(word) * (0x9E3779B1u << 8) >> (32 - bits);
}

bool inLabel(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}

bool hasLongLabel(std::string_view text) {
  size_t begin = 0;
  for (size_t dot = text.find('.'); dot != text.npos; dot = text.find('.', begin)) {
    if (dot - begin >= kLongLabel && std::ranges::all_of(text.substr(dot - kLongLabel, kLongLabel), inLabel))
      return true;
    begin = dot + 1;
  }
  return false;
}

}  // namespace

Prefilter::Prefilter(std::span<const Format* const> formats) {
  if (formats.size() > kMostFormats) throw std::logic_error("too many formats for the set of them");
  size_t next = 0;  // each prefix has a group of its own while there are groups
  for (size_t i = 0; i < formats.size(); ++i) {
    const Format* const format = formats[i];
    longLabels_[i] = format->anchors.empty();
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

  // Calls found(format) for each anchor whose prefix is in the word at `begin`, until found() returns true.
  template <class F>
  bool anchorsIn(std::uint64_t word, size_t begin, F found) {
    for (size_t k = 0; k < kPlaces; ++k)
      if (const auto group = filter_.groups_[hash(word >> 8 * k, kBits)]; group != 0)
        for (const Anchor& anchor : filter_.anchors_[group])
          if (isAt(begin + k, anchor.literal) && (!anchor.beforeAt || standsBeforeAt(begin + k)) &&
              found(anchor.format))
            return true;
    return false;
  }

  // Calls found(format) for the anchors in the whole text.
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

  // True if an @ follows. If none follows one anchor, none follows a later one. The result is kept, because a
  // search for each anchor would take quadratic time.
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
  return Search(*this, text).anchors([](std::uint8_t) { return true; }) || hasLongLabel(text);
}

std::bitset<Prefilter::kMostFormats> Prefilter::formatsIn(std::string_view text) const {
  std::bitset<kMostFormats> out;
  if (text.size() < kPrefix) return out;
  Search(*this, text).anchors([&](std::uint8_t format) {
    out.set(format);
    return false;
  });
  return hasLongLabel(text) ? out | longLabels_ : out;
}

}  // namespace errand::rules
