// Expands the samples of rules/literals: "AKIA<b32*16>" becomes AKIA and 16
// pseudo-random characters, and `<jwt {"sub":"a"}>` a token with these claims, so
// that no key stands in the repository.
#pragma once

#include <charconv>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <string_view>

#include "core/base/crypto.hpp"

namespace errand::rules {

inline std::uint32_t crc32Of(std::string_view data) {
  std::uint32_t crc = 0xFFFFFFFFu;
  for (const unsigned char c : data) {
    std::uint32_t entry = (crc ^ c) & 0xFFu;
    for (int i = 0; i < 8; ++i) entry = (entry & 1u) != 0 ? (entry >> 1) ^ 0xEDB88320u : entry >> 1;
    crc = (crc >> 8) ^ entry;
  }
  return ~crc;
}

inline std::string base64Url(std::string_view text) {
  std::string out = base64Encode(text);
  out.erase(out.find_last_not_of('=') + 1);
  for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return out;
}

inline std::string expand(std::string_view sample, unsigned seed = 1) {
  static const std::string digits = "0123456789", low = "abcdefghijklmnopqrstuvwxyz",
                           up = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", base62 = digits + up + low;
  static const std::map<std::string, std::string, std::less<>> classes = {
      {"dec", digits}, {"hex", "0123456789abcdef"}, {"low", low + digits}, {"b32", up + "234567"},
      {"b62", base62}, {"b64", base62 + "+/"},      {"url", base62 + "-_"}};
  std::mt19937 random(seed);
  std::string out;
  for (size_t at = 0; at < sample.size();) {
    const size_t star = sample.find('*', at);
    const size_t end = sample.find('>', at);
    if (sample.substr(at).starts_with("<jwt ") && end != sample.npos) {
      out += "eyJhbGciOiJSUzI1NiJ9." + base64Url(sample.substr(at + 5, end - at - 5)) + ".c2lnbmF0dXJl";
      at = end + 1;
    } else if (sample.substr(at).starts_with("<crc>")) {
      std::uint32_t crc = crc32Of(std::string_view(out).substr(out.size() - 30));
      std::string checksum;
      for (int i = 0; i < 6; ++i, crc /= 62) checksum.insert(0, 1, base62[crc % 62]);
      out += checksum;
      at += 5;
    } else if (sample[at] == '<' && star < end && end != sample.npos &&
               classes.contains(sample.substr(at + 1, star - at - 1))) {
      const std::string& alphabet = classes.find(sample.substr(at + 1, star - at - 1))->second;
      int count = 0;
      std::from_chars(sample.data() + star + 1, sample.data() + end, count);
      for (int i = 0; i < count; ++i) out += alphabet[random() % alphabet.size()];
      at = end + 1;
    } else {
      out += sample[at++];
    }
  }
  return out;
}

}  // namespace errand::rules
