#include "rules/literals/randomness.hpp"

#include <algorithm>
#include <array>
#include <cmath>

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

bool looksLikeWords(std::string_view text) {
  constexpr std::ptrdiff_t kSeveral = 3;
  const auto separators = std::ranges::count_if(text, [](char c) { return c == '-' || c == '_'; });
  return std::ranges::none_of(text, isUpper) ||
         (separators >= kSeveral && std::ranges::none_of(text, isDigit));
}

}  // namespace errand::rules
