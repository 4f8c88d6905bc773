#include "cli/verdict/fields.hpp"

#include <nlohmann/json.hpp>

namespace errand::cli {
namespace {

using nlohmann::json;

// Returns null if there is no such field.
const json* fieldOf(const json& object, std::string_view key) {
  if (!object.is_object()) return nullptr;
  const auto it = object.find(key);
  return it == object.end() ? nullptr : &*it;
}

}  // namespace

std::string textAt(const json& object, std::string_view key) {
  const json* field = fieldOf(object, key);
  return field != nullptr && field->is_string() ? field->get<std::string>() : std::string();
}

std::int64_t numberAt(const json& object, std::string_view key, std::int64_t otherwise) {
  const json* field = fieldOf(object, key);
  return field != nullptr && field->is_number_integer() ? field->get<std::int64_t>() : otherwise;
}

const json& objectAt(const json& object, std::string_view key) {
  static const json empty = json::object();
  const json* field = fieldOf(object, key);
  return field != nullptr && field->is_object() ? *field : empty;
}

const json& listAt(const json& object, std::string_view key) {
  static const json empty = json::array();
  const json* field = fieldOf(object, key);
  return field != nullptr && field->is_array() ? *field : empty;
}

}  // namespace errand::cli
