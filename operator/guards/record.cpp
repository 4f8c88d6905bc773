#include "operator/guards/record.hpp"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "core/api/objects.hpp"

namespace errand::guards {
namespace {

constexpr const char* kSince = "since";
constexpr const char* kDoubted = "doubted";

std::optional<Entry> readEntry(std::string_view text) {
  const size_t blank = text.find(' ');
  if (blank == 0 || blank == std::string_view::npos) return std::nullopt;
  Entry out;
  out.uid = text.substr(0, blank);
  text.remove_prefix(blank + 1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out.generation);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return out;
}

}  // namespace

nlohmann::json encode(const Record& record, const std::string& ns) {
  nlohmann::json data = {{kSince, formatTime(record.since)}};
  if (record.doubted) data[kDoubted] = "true";
  for (const auto& [id, entry] : record.guards)
    data[id.kind + "." + id.name] = fmt::format("{} {}", entry.uid, entry.generation);
  return {{"apiVersion", "v1"},
          {"kind", "ConfigMap"},
          {"metadata",
           {{"name", kRecordName}, {"namespace", ns}, {"labels", {{"app.kubernetes.io/part-of", "errand"}}}}},
          {"data", std::move(data)}};
}

Result<Record> decodeRecord(const nlohmann::json& configMap) {
  const auto read = api::decode<api::ConfigMap>(configMap);
  if (!read) return std::unexpected(read.error());
  Record out;
  bool dated = false;
  for (const auto& [key, value] : read->data) {
    const auto malformed = [&] {
      return fail(ErrorKind::Invalid, fmt::format("ConfigMap {}: data.{} cannot be read", kRecordName, key));
    };
    if (key == kSince) {
      const auto time = parseTime(value);
      if (!time) return malformed();
      out.since = *time;
      dated = true;
    } else if (key == kDoubted) {
      out.doubted = value == "true";
    } else {
      const size_t dot = key.find('.');
      auto entry = readEntry(value);
      if (dot == std::string::npos || !entry) return malformed();
      out.guards.emplace(Id{key.substr(0, dot), key.substr(dot + 1)}, std::move(*entry));
    }
  }
  if (!dated)
    return fail(ErrorKind::Invalid, fmt::format("ConfigMap {}: data.since is missing", kRecordName));
  return out;
}

}  // namespace errand::guards
