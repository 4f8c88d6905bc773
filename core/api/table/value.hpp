// Codecs of table rows: how a value is read from JSON, written, and when it counts as unset. ByType is the
// default. Only core/api may use them.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/api/meta.hpp"
#include "core/api/table/row.hpp"
#include "core/base/time.hpp"
#include "core/json/node.hpp"

namespace errand::api {

// Defined in codec.hpp.
template <class T>
void readFields(const JsonNode& object, T& out);
template <class T>
nlohmann::json writeFields(const T& in);

// Returns the name of the value; empty if it has none.
template <class E>
std::string_view nameOf(E value) {
  for (const auto& [name, one] : EnumNames<E>::all)
    if (one == value) return name;
  return {};
}

namespace table {

// A reader records a wrong value as an error of the node (JsonNode::fail). An empty text leaves an
// enumeration, a time or a duration unchanged.
void readTime(const JsonNode& value, std::optional<Time>& out);
void readDuration(const JsonNode& value, Seconds& out);

template <class T>
void readValue(const JsonNode& value, T& out) {
  if constexpr (std::is_enum_v<T>) {
    std::string_view text;
    value.get(text);
    if (text.empty()) return;
    for (const auto& [name, one] : EnumNames<T>::all)
      if (name == text) {
        out = one;
        return;
      }
    value.fail("has the unknown value \"" + std::string(text.substr(0, 64)) + "\"");
  } else if constexpr (std::is_aggregate_v<T>) {
    readFields(value, out);
  } else {
    value.get(out);
  }
}
inline void readValue(const JsonNode& value, Seconds& out) { readDuration(value, out); }
inline void readValue(const JsonNode& value, std::optional<Time>& out) { readTime(value, out); }
template <class T>
void readValue(const JsonNode& value, std::optional<T>& out) {
  readValue(value, out.emplace());
}
template <class T>
  requires std::is_aggregate_v<T>
void readValue(const JsonNode& value, std::vector<T>& out) {
  out.reserve(value.size());
  value.items([&](const JsonNode& item) { readFields(item, out.emplace_back()); });
}

template <class T>
nlohmann::json writeValue(const T& in) {
  if constexpr (std::is_enum_v<T>)
    return nameOf(in);
  else if constexpr (std::is_aggregate_v<T>)
    return writeFields(in);
  else
    return in;
}
inline nlohmann::json writeValue(Seconds in) { return formatDuration(in); }
inline nlohmann::json writeValue(Time in) { return formatTime(in); }
template <class T>
nlohmann::json writeValue(const std::optional<T>& in) {
  return in ? writeValue(*in) : nlohmann::json();
}
template <class T>
  requires std::is_aggregate_v<T>
nlohmann::json writeValue(const std::vector<T>& in) {
  nlohmann::json out = nlohmann::json::array();
  for (const T& item : in) out.push_back(writeFields(item));
  return out;
}

// False for an empty optional, text, list or map, and for false. Always true for a number, a time, a duration
// or an enumeration.
template <class T>
bool isSet(const T& in) {
  if constexpr (requires { in.has_value(); })
    return in.has_value();
  else if constexpr (requires { in.empty(); })
    return !in.empty();
  else if constexpr (std::is_same_v<T, bool>)
    return in;
  else
    return true;
}

// The default codec: reads and writes a member by its type.
struct ByType {
  template <class M>
  static void read(const JsonNode& value, M& out) {
    readValue(value, out);
  }
  template <class M>
  static nlohmann::json write(const M& in) {
    return writeValue(in);
  }
  template <class M>
  static bool isSet(const M& in) {
    return table::isSet(in);
  }
};

}  // namespace table

// A list of names, as a list of objects with the field `name`. Ignores their other fields.
struct NameList : table::ByType {
  static void read(const JsonNode& value, std::vector<std::string>& out);
  static nlohmann::json write(const std::vector<std::string>& in);
};

// A number that is omitted if it is zero.
struct NonZero : table::ByType {
  static bool isSet(std::int64_t in) { return in != 0; }
};

// A time that is written as metav1.MicroTime, with six digits of fraction.
struct MicroTime : table::ByType {
  static nlohmann::json write(const std::optional<Time>& in);
};

// A text that is written as null if it is empty. Use it with required().
struct Nullable : table::ByType {
  static nlohmann::json write(const std::string& in);
};

}  // namespace errand::api
