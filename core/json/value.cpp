#include "core/json/value.hpp"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "core/json/node.hpp"

namespace errand {
namespace {

namespace dom = simdjson::dom;
using nlohmann::json;

json convert(dom::element value);

// Converts an object without the field `but`, and converts the field `special` by `with`.
template <class F>
json convertObject(dom::object fields, std::string_view but, std::string_view special, F with) {
  json out = json::object();
  auto& members = out.get_ref<json::object_t&>();
  for (const dom::key_value_pair field : fields)
    if (field.key != but)
      members.emplace(std::string(field.key),
                      field.key == special ? with(field.value) : convert(field.value));
  return out;
}

template <class F>
json convertOr(dom::element value, std::string_view but, std::string_view special, F with) {
  dom::object fields;
  return value.get(fields) == simdjson::SUCCESS ? convertObject(fields, but, special, with) : convert(value);
}

template <class T>
T as(dom::element value) {
  T out{};
  if (value.get(out) != simdjson::SUCCESS) return {};  // the caller has checked the type
  return out;
}

json convertNumber(dom::element value) {
  switch (value.type()) {
    case dom::element_type::INT64: {
      const auto number = as<std::int64_t>(value);
      return number < 0 ? json(number) : json(static_cast<std::uint64_t>(number));
    }
    case dom::element_type::UINT64:
      return as<std::uint64_t>(value);
    default:
      return as<double>(value);
  }
}

// Recurses; the parser limits the depth.
json convert(dom::element value) {
  switch (value.type()) {
    case dom::element_type::ARRAY: {
      json out = json::array();
      const auto items = as<dom::array>(value);
      for (const dom::element item : items) out.push_back(convert(item));
      return out;
    }
    case dom::element_type::OBJECT:
      return convertObject(as<dom::object>(value), {}, {}, convert);
    case dom::element_type::STRING:
      return std::string(as<std::string_view>(value));
    case dom::element_type::BOOL:
      return as<bool>(value);
    case dom::element_type::NULL_VALUE:
      return nullptr;
    default:
      return convertNumber(value);
  }
}

json convertMeta(dom::element value) { return convertOr(value, "managedFields", {}, convert); }
json convertItem(dom::element value) { return convertOr(value, {}, "metadata", convertMeta); }

void printText(std::string& out, std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr std::string_view kEscaped = "\"\\\b\f\n\r\t", kLetters = "\"\\bfnrt";
  out += '"';
  for (const char c : text) {
    if (const size_t at = kEscaped.find(c); at != kEscaped.npos)
      (out += '\\') += kLetters[at];
    else if (const auto byte = static_cast<unsigned char>(c); byte < 0x20)
      ((out += "\\u00") += kDigits[byte >> 4]) += kDigits[byte & 15];
    else
      out += c;
  }
  out += '"';
}

using Names = std::initializer_list<std::string_view>;

void print(std::string& out, dom::element value, Names without);

void printFields(std::string& out, dom::object fields, Names without) {
  std::vector<std::pair<std::string_view, dom::element>> sorted;
  sorted.reserve(fields.size());
  for (const dom::key_value_pair field : fields)
    if (std::ranges::find(without, field.key) == without.end()) sorted.emplace_back(field.key, field.value);
  std::ranges::sort(sorted, {}, &std::pair<std::string_view, dom::element>::first);
  out += '{';
  for (bool first = true; const auto& [key, value] : sorted) {
    if (!std::exchange(first, false)) out += ',';
    printText(out, key);
    out += ':';
    print(out, value, {});
  }
  out += '}';
}

void print(std::string& out, dom::element value, Names without) {
  switch (value.type()) {
    case dom::element_type::ARRAY: {
      out += '[';
      for (bool first = true; const dom::element item : as<dom::array>(value)) {
        if (!std::exchange(first, false)) out += ',';
        if (item.is_object())
          printFields(out, as<dom::object>(item), without);
        else
          print(out, item, {});
      }
      out += ']';
      return;
    }
    case dom::element_type::OBJECT:
      return printFields(out, as<dom::object>(value), without);
    case dom::element_type::STRING:
      return printText(out, as<std::string_view>(value));
    default:
      out += convert(value).dump();
  }
}

template <class F>
Result<json> parsed(std::string_view text, F&& made) {
  const auto document = JsonDocument::parse(text);
  if (!document) return std::unexpected(document.error());
  return made((*document)->root());
}

}  // namespace

Result<json> parseJson(std::string_view text) { return parsed(text, convert); }
Result<json> parseObject(std::string_view text) { return parsed(text, convertItem); }
json toValue(const JsonNode& node) { return convert(node.value()); }
json toObject(const JsonNode& node) { return convertItem(node.value()); }

std::string printJson(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

void printSorted(std::string& out, const JsonNode& node, std::initializer_list<std::string_view> without) {
  print(out, node.value(), without);
}

}  // namespace errand
