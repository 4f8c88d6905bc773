#include "webhook/literals/prefilter.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace errand::webhook {
namespace {

constexpr size_t kPrefix = 3;
constexpr size_t kWord = sizeof(std::uint64_t);
constexpr size_t kPlaces = kWord - kPrefix + 1;  // of a prefix in a word
constexpr char kCase = 0x20;
constexpr std::uint64_t kCases = 0x2020202020202020;

// The first eight characters of `text`, or as many as it has, in lower case.
std::uint64_t word(const char* text, size_t size) {
  std::uint64_t out = 0;
  std::memcpy(&out, text, std::min(size, kWord));
  if constexpr (std::endian::native == std::endian::big) out = std::byteswap(out);
  return out | kCases;
}

// Of three characters: the multiplier shifts the fourth out.
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

Prefilter::Prefilter(std::span<const Format* const> formats) : anchors_(1) {
  for (const Format* format : formats)
    for (const std::string_view literal : format->anchors) {
      if (literal.size() < kPrefix) throw std::logic_error("an anchor has three characters or more");
      std::uint8_t& group = groups_[hash(word(literal.data(), kPrefix), kBits)];
      if (group == 0) {
        if (anchors_.size() > std::numeric_limits<std::uint8_t>::max())
          throw std::logic_error("too many anchors for an index of eight bits");
        group = static_cast<std::uint8_t>(anchors_.size());
        anchors_.emplace_back();
      }
      anchors_[group].push_back({literal, format->beforeAt});
    }
}

// Of one text.
class Prefilter::Search {
 public:
  Search(const Prefilter& filter, std::string_view text) : filter_(filter), text_(text) {}

  // Whether an anchor stands at one of the places of a prefix in the word at `begin`.
  bool standsIn(std::uint64_t word, size_t begin) {
    for (size_t k = 0; k < kPlaces; ++k)
      if (const auto group = filter_.groups_[hash(word >> 8 * k, kBits)]; group != 0)
        for (const Anchor& anchor : filter_.anchors_[group])
          if (isAt(begin + k, anchor.literal) && (!anchor.beforeAt || standsBeforeAt(begin + k))) return true;
    return false;
  }

 private:
  bool isAt(size_t begin, std::string_view literal) const {
    return begin + literal.size() <= text_.size() &&
           std::ranges::equal(text_.substr(begin, literal.size()), literal,
                              [](char a, char b) { return (a | kCase) == (b | kCase); });
  }

  // Where there is none behind one anchor there is none behind the next: looking for it each time
  // would cost the square.
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
  Search search(*this, text);
  if (text.size() < kWord) return search.standsIn(word(text.data(), text.size()), 0);
  const size_t last = text.size() - kWord;
  for (size_t i = 0;; i = std::min(i + kPlaces, last)) {
    const std::uint64_t here = word(text.data() + i, kWord);
    std::uint8_t any = 0;
    for (size_t k = 0; k < kPlaces; ++k) any |= groups_[hash(here >> 8 * k, kBits)];
    if (any != 0 && search.standsIn(here, i)) return true;
    if (i == last) return hasLongLabel(text);
  }
}

}  // namespace errand::webhook
