#include "core/kube/client/strip_managed_fields.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace errand::kube {
namespace {

namespace dom = simdjson::dom;
using nlohmann::json;

constexpr size_t kMaxDepth = 100;

Result<dom::element> parse(dom::parser& parser, std::string_view text) {
  dom::element root;
  simdjson::error_code error = parser.allocate(std::max<size_t>(text.size(), 64), kMaxDepth);
  if (error == simdjson::SUCCESS) error = parser.parse(text.data(), text.size()).get(root);
  if (error == simdjson::DEPTH_ERROR)
    return fail(ErrorKind::Invalid, "JSON nested deeper than " + std::to_string(kMaxDepth));
  if (error != simdjson::SUCCESS)
    return fail(ErrorKind::Invalid, std::string("not valid JSON: ") + simdjson::error_message(error));
  return root;
}

json convert(dom::element value);

// Leaves the field `but` out, and converts `special` by `with`.
template <class F>
json convertObject(dom::object fields, std::string_view but, std::string_view special, F with) {
  json out = json::object();
  auto& members = out.get_ref<json::object_t&>();
  for (const dom::key_value_pair field : fields)
    if (field.key != but)
      members.insert_or_assign(std::string(field.key),
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
  if (value.get(out) != simdjson::SUCCESS) return {};  // the caller has looked at the type
  return out;
}

// Bounded by the parser's depth.
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
    case dom::element_type::INT64: {
      const auto number = as<std::int64_t>(value);
      return number < 0 ? json(number) : json(static_cast<std::uint64_t>(number));
    }
    case dom::element_type::UINT64:
      return as<std::uint64_t>(value);
    case dom::element_type::DOUBLE:
      return as<double>(value);
    case dom::element_type::BOOL:
      return as<bool>(value);
    case dom::element_type::NULL_VALUE:
      break;
  }
  return nullptr;
}

json convertMeta(dom::element value) { return convertOr(value, "managedFields", {}, convert); }
json convertItem(dom::element value) { return convertOr(value, {}, "metadata", convertMeta); }

}  // namespace

Result<json> parseStripped(std::string_view text, Shape shape) {
  dom::parser parser;
  const auto root = parse(parser, text);
  if (!root) return std::unexpected(root.error());
  return shape == Shape::Object ? convertItem(*root) : convertOr(*root, {}, "object", convertItem);
}

Result<json> parseListStripped(std::string_view text, const std::function<void(json&&)>& f) {
  dom::parser parser;
  const auto root = parse(parser, text);
  if (!root) return std::unexpected(root.error());
  dom::object fields;
  if (root->get(fields) != simdjson::SUCCESS) return convert(*root);
  for (const dom::key_value_pair field : fields) {
    dom::array items;
    if (field.key != "items" || field.value.get(items) != simdjson::SUCCESS) continue;
    for (const dom::element item : items) f(convertItem(item));
  }
  return convertObject(fields, "items", {}, convert);
}

}  // namespace errand::kube
