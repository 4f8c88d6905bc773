#include "cli/yaml/utf8.hpp"

#include <array>

namespace errand::cli {
namespace {

// The lengths of sequences and the bounds of their second bytes, by their first byte (RFC 3629, section 4).
struct Lead {
  unsigned char first, last;
  size_t length;
  unsigned char low, high;
};
constexpr std::array kLeads = std::to_array<Lead>({{0x01, 0x7f, 1, 0, 0},
                                                   {0xc2, 0xdf, 2, 0x80, 0xbf},
                                                   {0xe0, 0xe0, 3, 0xa0, 0xbf},
                                                   {0xe1, 0xec, 3, 0x80, 0xbf},
                                                   {0xed, 0xed, 3, 0x80, 0x9f},
                                                   {0xee, 0xef, 3, 0x80, 0xbf},
                                                   {0xf0, 0xf0, 4, 0x90, 0xbf},
                                                   {0xf1, 0xf3, 4, 0x80, 0xbf},
                                                   {0xf4, 0xf4, 4, 0x80, 0x8f}});

}  // namespace

size_t sequenceAt(std::string_view rest) {
  const auto at = [&](size_t i) { return static_cast<unsigned char>(rest[i]); };
  for (const Lead& lead : kLeads) {
    if (at(0) < lead.first || at(0) > lead.last) continue;
    if (rest.size() < lead.length) return 0;
    if (lead.length > 1 && (at(1) < lead.low || at(1) > lead.high)) return 0;
    for (size_t i = 2; i < lead.length; ++i)
      if ((at(i) & 0xc0) != 0x80) return 0;
    return lead.length;
  }
  return 0;
}

size_t textPrefix(std::string_view bytes) {
  size_t i = 0;
  while (i < bytes.size()) {
    const size_t length = sequenceAt(bytes.substr(i));
    if (length == 0) break;
    i += length;
  }
  return i;
}

}  // namespace errand::cli
