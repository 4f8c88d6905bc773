#include "core/api/table/value.hpp"

namespace errand::api {

void table::readTime(const JsonNode& value, std::optional<Time>& out) {
  std::string_view text;
  value.get(text);
  if (text.empty()) return;
  if (auto time = parseTime(text))
    out = *time;
  else
    value.fail("is not a time: " + time.error().message);
}

void table::readDuration(const JsonNode& value, Seconds& out) {
  std::string_view text;
  value.get(text);
  if (text.empty()) return;
  if (auto duration = parseDuration(text))
    out = *duration;
  else
    value.fail("is not a duration: " + duration.error().message);
}

void NameList::read(const JsonNode& value, std::vector<std::string>& out) {
  out.reserve(value.size());
  value.items([&](const JsonNode& item) { item.read("name", out.emplace_back()); });
}

nlohmann::json NameList::write(const std::vector<std::string>& in) {
  nlohmann::json out = nlohmann::json::array();
  for (const std::string& name : in) out.push_back({{"name", name}});
  return out;
}

nlohmann::json MicroTime::write(const std::optional<Time>& in) {
  return in ? nlohmann::json(formatMicroTime(*in)) : nlohmann::json();
}

nlohmann::json Nullable::write(const std::string& in) {
  return in.empty() ? nlohmann::json() : nlohmann::json(in);
}

}  // namespace errand::api
