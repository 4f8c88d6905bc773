#include "core/api/reader.hpp"

#include <limits>

#include "core/api/codec.hpp"

namespace errand::api {

Result<nlohmann::json> parseJson(std::string_view text, int maxDepth) {
  bool tooDeep = false;
  const auto limit = [&](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
    tooDeep = tooDeep || depth > maxDepth;
    return !tooDeep;
  };
  nlohmann::json value = nlohmann::json::parse(text, limit, /*allow_exceptions=*/false);
  if (tooDeep) return errand::fail(ErrorKind::Invalid, "JSON nested deeper than " + std::to_string(maxDepth));
  if (value.is_discarded()) return errand::fail(ErrorKind::Invalid, "not valid JSON");
  return value;
}

const nlohmann::json* Reader::find(const char* key) const {
  if (!value_->is_object()) return nullptr;
  const auto it = value_->find(key);
  return it == value_->end() || it->is_null() ? nullptr : &*it;
}

const nlohmann::json* Reader::array(const char* key) const {
  const json* value = find(key);
  if (value != nullptr && !value->is_array()) {
    wrongType(key, "a list");
    return nullptr;
  }
  return value;
}

void Reader::wrongType(const char* key, std::string_view expected) const {
  Reader(find(key), at(key), failure_).fail("is not " + std::string(expected));
}

void Reader::read(const char* key, std::string& out) const {
  const json* value = find(key);
  if (value == nullptr) return;
  if (!value->is_string()) return wrongType(key, "a string");
  out = value->get_ref<const std::string&>();
}

void Reader::read(const char* key, bool& out) const {
  const json* value = find(key);
  if (value == nullptr) return;
  if (!value->is_boolean()) return wrongType(key, "true or false");
  out = value->get<bool>();
}

void Reader::read(const char* key, std::optional<bool>& out) const {
  bool value = false;
  if (!has(key)) return;
  read(key, value);
  out = value;
}

void Reader::read(const char* key, std::int64_t& out) const {
  const json* value = find(key);
  if (value == nullptr) return;
  if (!value->is_number_integer()) return wrongType(key, "a whole number");
  if (value->is_number_unsigned() &&
      value->get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    return wrongType(key, "a number of 64 bits");
  out = value->get<std::int64_t>();
}

void Reader::read(const char* key, std::int32_t& out) const {
  std::int64_t wide = out;
  read(key, wide);
  if (wide < std::numeric_limits<std::int32_t>::min() || wide > std::numeric_limits<std::int32_t>::max())
    return wrongType(key, "a number of 32 bits");
  out = static_cast<std::int32_t>(wide);
}

void Reader::read(const char* key, std::optional<Time>& out) const {
  std::string text;
  read(key, text);
  if (text.empty()) return;
  if (auto t = parseTime(text))
    out = *t;
  else
    wrongType(key, "a time: " + t.error().message);
}

void Reader::read(const char* key, std::optional<Seconds>& out) const {
  std::string text;
  read(key, text);
  if (text.empty()) return;
  if (auto d = parseDuration(text))
    out = *d;
  else
    wrongType(key, "a duration: " + d.error().message);
}

void Reader::read(const char* key, StringMap& out) const {
  const json* value = find(key);
  if (value == nullptr) return;
  if (!value->is_object()) return wrongType(key, "a map");
  for (const auto& [name, item] : value->items()) {
    if (!item.is_string()) return wrongType(key, "a map of strings");
    out.emplace(name, item.get_ref<const std::string&>());
  }
}

void Reader::read(const char* key, std::vector<std::string>& out) const {
  const json* value = array(key);
  if (value == nullptr) return;
  for (const json& item : *value) {
    if (!item.is_string()) return wrongType(key, "a list of strings");
    out.push_back(item.get_ref<const std::string&>());
  }
}

}  // namespace errand::api
