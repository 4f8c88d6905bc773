// Reads YAML documents as JSON, by the core schema's rules for plain scalars.
#pragma once

#include <yaml-cpp/yaml.h>

#include <nlohmann/json.hpp>
#include <string>

namespace errand::rules {

inline nlohmann::json toJson(const YAML::Node& node) {
  using nlohmann::json;
  if (node.IsMap()) {
    json out = json::object();
    for (const auto& field : node) out[field.first.Scalar()] = toJson(field.second);
    return out;
  }
  if (node.IsSequence()) {
    json out = json::array();
    for (const auto& item : node) out.push_back(toJson(item));
    return out;
  }
  if (node.IsNull()) return nullptr;
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return text;  // quoted
  if (text == "true" || text == "false") return text == "true";
  if (!text.empty() && text.find_first_not_of("0123456789") == text.npos) return std::stoll(text);
  return text;
}

}  // namespace errand::rules
