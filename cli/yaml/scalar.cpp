#include "cli/yaml/scalar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/json/value.hpp"

namespace errand::cli {
namespace {

bool isOneOf(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, text) != words.end();
}

// Reads integers like go-yaml: 0x1F, 0o17, 017, 0b11, 1_000.
std::optional<std::string> asInteger(std::string_view text) {
  std::string digits;
  std::ranges::copy_if(text, std::back_inserter(digits), [](char c) { return c != '_'; });
  std::string_view rest = digits;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  int base = 10;
  if (rest.starts_with("0x") || rest.starts_with("0X")) {
    base = 16;
  } else if (rest.starts_with("0o") || rest.starts_with("0O")) {
    base = 8;
  } else if (rest.starts_with("0b") || rest.starts_with("0B")) {
    base = 2;
  }
  if (base != 10) rest.remove_prefix(2);
  if (base == 10 && rest.size() > 1 && rest.starts_with('0')) base = 8;
  if (rest.empty() || text.starts_with('_')) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value, base);
  if (error != std::errc{} || end != rest.data() + rest.size()) return std::nullopt;
  constexpr std::uint64_t kMostNegative = std::uint64_t{1} << 63;
  if (negative && value > kMostNegative) return std::nullopt;
  return (negative ? "-" : "") + std::to_string(value);
}

// Prints a number like encoding/json of Go, but without an exponent only below 1e19: core/json reads no whole
// number of more than 64 bits.
std::string asGo(double value) {
  constexpr double kLargestInDigits = 1e19;
  const bool whole = value == std::trunc(value) && std::fabs(value) < kLargestInDigits;
  return whole ? fmt::format("{:.0f}", value) : nlohmann::json(value).dump();
}

std::optional<std::string> asFloat(const std::string& text) {
  std::string digits;
  std::ranges::copy_if(text, std::back_inserter(digits), [](char c) { return c != '_'; });
  if (digits.find_first_not_of("0123456789+-.eE") != std::string::npos ||
      digits.find_first_of("0123456789") == std::string::npos || text.starts_with('_'))
    return std::nullopt;
  char* end = nullptr;
  const double value = std::strtod(digits.c_str(), &end);
  if (end != digits.c_str() + digits.size() || !std::isfinite(value)) return std::nullopt;
  return asGo(value);
}

}  // namespace

std::string jsonText(std::string_view text) { return printJson(text); }

std::string plainScalar(const std::string& text) {
  if (isOneOf(text, {"", "~", "null", "Null", "NULL"})) return "null";
  if (isOneOf(text, {"true", "True", "TRUE", "y", "Y", "yes", "Yes", "YES", "on", "On", "ON"})) return "true";
  if (isOneOf(text, {"false", "False", "FALSE", "n", "N", "no", "No", "NO", "off", "Off", "OFF"}))
    return "false";
  if (auto number = asInteger(text)) return *number;
  if (auto number = asFloat(text)) return *number;
  return jsonText(text);
}

std::string plainKey(const std::string& text) {
  // The first characters of numbers, booleans and null. Most keys begin otherwise.
  if (!text.empty() && text.find_first_of("0123456789+-.yYnNtTfFoO~") != 0) return text;
  std::string json = plainScalar(text);
  return json.starts_with('"') ? text : json;
}

}  // namespace errand::cli
