// Reads single fields of objects that no type of core/api describes. A missing field, null and a field of
// another type all read as empty.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace errand::cli {

std::string textAt(const nlohmann::json& object, std::string_view key);
std::int64_t numberAt(const nlohmann::json& object, std::string_view key, std::int64_t otherwise);
// Returns an empty object if the field is no object.
const nlohmann::json& objectAt(const nlohmann::json& object, std::string_view key);
// Returns an empty list if the field is no list.
const nlohmann::json& listAt(const nlohmann::json& object, std::string_view key);

}  // namespace errand::cli
