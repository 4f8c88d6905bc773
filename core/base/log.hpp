// Structured logs on standard error: one JSON object on each line, with the keys of controller-runtime.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <variant>

#include "core/base/result.hpp"

namespace errand::log {

// debug: a decision, for developers. info: a change of the cluster or the process. warn: a failure that is
// retried. error: a person has to act.
enum class Level { debug, info, warn, error };

using Value = std::variant<std::string_view, std::int64_t, double, bool>;

// A key and its value in a log line.
struct Field {
  std::string_view key;
  Value value;

  Field(std::string_view k, std::string_view v) : key(k), value(v) {}
  Field(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
  Field(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
  Field(std::string_view k, bool v) : key(k), value(v) {}
  Field(std::string_view k, double v) : key(k), value(v) {}
  template <std::integral T>
  Field(std::string_view k, T v) : key(k), value(static_cast<std::int64_t>(v)) {}
};

// Call it once, before the first thread starts. Without it, only warn and error are written.
void setup(Level level);

// The names are debug, info, warn and error. parseLevel() fails with Invalid for any other text.
std::string_view nameOf(Level level);
Result<Level> parseLevel(std::string_view name);

// Writes one line. Use a constant `message`, and put variable text into fields. Safe from any thread.
void write(Level level, std::string_view message, std::initializer_list<Field> fields);

inline void debug(std::string_view m, std::initializer_list<Field> f = {}) { write(Level::debug, m, f); }
inline void info(std::string_view m, std::initializer_list<Field> f = {}) { write(Level::info, m, f); }
inline void warn(std::string_view m, std::initializer_list<Field> f = {}) { write(Level::warn, m, f); }
inline void error(std::string_view m, std::initializer_list<Field> f = {}) { write(Level::error, m, f); }

// Returns the line that write() prints, without time and level, for unit tests.
std::string render(std::string_view message, std::initializer_list<Field> fields);

}  // namespace errand::log
