// Reads the corpus of credentials and makes values of its templates, without the patterns of rules/literals.
#pragma once

#include <charconv>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/unit/rules/literals/sample.hpp"

namespace errand::rules {

// The rows of a file of tab-separated fields, without its comments.
inline std::vector<std::vector<std::string>> corpusRows(const std::string& file) {
  std::ifstream in(std::string(ERRAND_SOURCE_DIR) + "/tests/unit/rules/literals/corpus/" + file);
  std::vector<std::vector<std::string>> out;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.starts_with("# ")) continue;
    std::vector<std::string>& row = out.emplace_back();
    std::istringstream fields(line);
    for (std::string field; std::getline(fields, field, '\t');) row.push_back(field);
  }
  return out;
}

// The characters of a class such as "0-9A-Za-z_-".
inline std::string alphabetOf(std::string_view inBrackets) {
  std::string out;
  for (size_t i = 0; i < inBrackets.size(); ++i) {
    if (i + 2 < inBrackets.size() && inBrackets[i + 1] == '-') {
      for (char c = inBrackets[i]; c <= inBrackets[i + 2]; ++c) out += c;
      i += 2;
    } else {
      out += inBrackets[i];
    }
  }
  return out;
}

// "sk-[0-9a-f]{32}" with 32 characters of the class.
inline std::string makeValue(std::string_view form, unsigned seed) {
  std::mt19937 random(seed);
  std::string out;
  for (size_t at = 0; at < form.size();) {
    const std::string_view rest = form.substr(at);
    const size_t close = rest.find(']');
    if (rest[0] == '[' && close != rest.npos && close + 2 < rest.size() && rest[close + 1] == '{' &&
        rest[close + 2] >= '0' && rest[close + 2] <= '9') {
      const std::string alphabet = alphabetOf(rest.substr(1, close - 1));
      const size_t end = rest.find('}', close);
      size_t count = 0;
      std::from_chars(rest.data() + close + 2, rest.data() + end, count);
      for (size_t i = 0; i < count; ++i) out += alphabet[random() % alphabet.size()];
      at += end + 1;
    } else if (rest[0] == '[' && close == 4 && rest[2] == '-') {  // a class of one character
      const std::string alphabet = alphabetOf(rest.substr(1, close - 1));
      out += alphabet[random() % alphabet.size()];
      at += close + 1;
    } else if (rest.starts_with("<crc>")) {
      std::uint32_t crc = crc32Of(std::string_view(out).substr(out.size() - 30));
      std::string checksum;
      for (int i = 0; i < 6; ++i, crc /= 62) checksum.insert(0, 1, alphabetOf("0-9A-Za-z")[crc % 62]);
      out += checksum;
      at += 5;
    } else if (rest.starts_with("\\n")) {
      out += '\n';
      at += 2;
    } else {
      out += rest[0];
      ++at;
    }
  }
  return out;
}

// The words of a command line; double quotes keep spaces.
inline std::vector<std::string> wordsOf(std::string_view command) {
  std::vector<std::string> out(1);
  bool quoted = false;
  for (const char c : command) {
    if (c == '"')
      quoted = !quoted;
    else if (c == ' ' && !quoted)
      out.emplace_back();
    else
      out.back() += c;
  }
  return out;
}

}  // namespace errand::rules
