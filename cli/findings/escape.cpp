#include "cli/findings/escape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/yaml/utf8.hpp"

namespace errand::cli {
namespace {

struct Range {
  char32_t first, last;
};
// Control characters, and characters that terminals do not show or that reorder others:
// https://www.unicode.org/reports/tr9/ and https://www.unicode.org/reports/tr36/
constexpr std::array kHidden = std::to_array<Range>({{0x00, 0x1f},
                                                     {0x7f, 0x9f},
                                                     {0x61c, 0x61c},
                                                     {0x200b, 0x200f},
                                                     {0x2028, 0x202e},
                                                     {0x2060, 0x206f},
                                                     {0xfeff, 0xfeff},
                                                     {0xfff9, 0xfffb},
                                                     {0xfffe, 0xffff},
                                                     {0xe0000, 0xe007f}});

char32_t codePoint(std::string_view sequence) {
  constexpr std::array<unsigned char, 5> kLeadBits = {0, 0x7f, 0x1f, 0x0f, 0x07};
  char32_t out = static_cast<unsigned char>(sequence[0]) & kLeadBits.at(sequence.size());
  for (const char c : sequence.substr(1)) out = out << 6 | (static_cast<unsigned char>(c) & 0x3f);
  return out;
}

bool isSafe(std::string_view sequence) {
  const char32_t point = codePoint(sequence);
  return std::ranges::none_of(
      kHidden, [&](const Range& range) { return range.first <= point && point <= range.last; });
}

// True at the start of a command to a CI runner. GitHub:
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands; Azure Pipelines reads
// ##[ anywhere in a line.
bool isCommand(std::string_view rest, bool beginsLine) {
  if (rest.starts_with("##[") || rest.starts_with("##vso")) return true;
  return beginsLine && rest.starts_with("::");
}

}  // namespace

std::string shown(std::string_view text) {
  std::string out;
  bool beginsLine = true;
  while (!text.empty()) {
    const size_t length = sequenceAt(text);
    const size_t taken = std::max<size_t>(length, 1);
    const bool asItIs = length > 0 && !isCommand(text, beginsLine) && isSafe(text.substr(0, length));
    for (const char c : text.substr(0, taken))
      if (asItIs)
        out += c;
      else
        out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    beginsLine &= text.front() == ' ';
    text.remove_prefix(taken);
  }
  return out;
}

}  // namespace errand::cli
