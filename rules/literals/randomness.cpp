#include "rules/literals/randomness.hpp"

#include <algorithm>
#include <array>
#include <cmath>

// The limits in this file were tried with tests/unit/rules/literals/corpus, which bounds misses and false
// positives.
namespace errand::rules {
namespace {

bool isUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool isLower(char c) { return c >= 'a' && c <= 'z'; }
bool isDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

double entropy(std::string_view text) {
  std::array<int, 256> counts{};
  for (const unsigned char c : text) ++counts[c];
  double bits = 0;
  for (const int count : counts) {
    if (count == 0) continue;
    const double share = static_cast<double>(count) / static_cast<double>(text.size());
    bits -= share * std::log2(share);
  }
  return bits;
}

bool looksRandom(std::string_view text) {
  constexpr double kLeast = 3.5;
  return std::ranges::any_of(text, isUpper) && std::ranges::any_of(text, isLower) &&
         std::ranges::any_of(text, isDigit) && entropy(text) >= kLeast;
}

bool looksRandomInOneCase(std::string_view text) {
  constexpr size_t kLeast = 20;
  constexpr std::ptrdiff_t kDigits = 3;
  constexpr size_t kChanges = 4, kCharactersPerChange = 6;
  if (text.size() < kLeast) return false;
  const bool hasUpper = std::ranges::any_of(text, isUpper);
  size_t changes = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!isDigit(text[i]) && !(hasUpper ? isUpper(text[i]) : isLower(text[i]))) return false;
    changes += i > 0 && isDigit(text[i]) != isDigit(text[i - 1]);
  }
  return std::ranges::count_if(text, isDigit) >= kDigits &&
         changes >= std::max(kChanges, text.size() / kCharactersPerChange);
}

bool isHexInGroups(std::string_view text) {
  constexpr std::ptrdiff_t kDigits = 32;
  const auto isHex = [](char c) { return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); };
  return std::ranges::all_of(text, [&](char c) { return isHex(c) || c == '-'; }) &&
         std::ranges::any_of(text, isDigit) && std::ranges::count_if(text, isHex) >= kDigits;
}

bool isMadeOfWords(std::string_view text) {
  constexpr size_t kWord = 4;
  size_t all = 0, inWords = 0;
  for (size_t i = 0; i < text.size();) {
    if (!isUpper(text[i]) && !isLower(text[i])) {
      all += isDigit(text[i]);
      ++i;
      continue;
    }
    size_t end = i + 1;
    while (end < text.size() && isLower(text[end])) ++end;
    all += end - i;
    if (end - i >= kWord) inWords += end - i;
    i = end;
  }
  return 5 * inWords >= 3 * all;
}

bool acceptRandom(std::string_view credential, std::string_view) {
  credential.remove_prefix(credential.find_first_of("-_") + 1);  // without a separator, npos + 1 is 0
  return std::ranges::any_of(credential, isUpper) && std::ranges::any_of(credential, isLower) &&
         !isMadeOfWords(credential);
}

bool acceptDigits(std::string_view credential, std::string_view) {
  return std::ranges::any_of(credential, isDigit);
}

bool looksLikeWords(std::string_view text) {
  constexpr std::ptrdiff_t kSeveral = 3;
  const auto separators = std::ranges::count_if(text, [](char c) { return c == '-' || c == '_'; });
  return std::ranges::none_of(text, isUpper) ||
         (separators >= kSeveral && std::ranges::none_of(text, isDigit));
}

}  // namespace errand::rules
