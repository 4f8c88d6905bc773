#include "core/base/log.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

#include "core/base/time.hpp"

namespace errand::log {
namespace {

constexpr std::string_view kNames[] = {"debug", "info", "warn", "error"};

std::shared_ptr<spdlog::logger> makeLogger() {
  auto logger = std::make_shared<spdlog::logger>("errand", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%v");  // the line is JSON already; spdlog would not escape it
  logger->set_level(spdlog::level::warn);
  logger->flush_on(spdlog::level::debug);
  return logger;
}

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = makeLogger();
  return *instance;
}

spdlog::level::level_enum toSpdlog(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warn:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

// Writes a JSON string. Bytes above 0x7f are written unchanged, because log text comes from decoded JSON and
// is UTF-8.
void quote(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  out += '"';
}

struct Append {
  std::string& out;
  void operator()(std::string_view v) const { quote(out, v); }
  void operator()(std::int64_t v) const { fmt::format_to(std::back_inserter(out), "{}", v); }
  void operator()(double v) const { fmt::format_to(std::back_inserter(out), "{:.6g}", v); }
  void operator()(bool v) const { out += v ? "true" : "false"; }
};

}  // namespace

void setup(Level level) { logger().set_level(toSpdlog(level)); }

std::string_view nameOf(Level level) { return kNames[static_cast<std::size_t>(level)]; }

Result<Level> parseLevel(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kNames); ++i)
    if (kNames[i] == name) return static_cast<Level>(i);
  return fail(ErrorKind::Invalid,
              fmt::format("\"{}\" is not a log level: use debug, info, warn or error", name));
}

std::string render(std::string_view message, std::initializer_list<Field> fields) {
  std::string out = "\"msg\":";
  quote(out, message);
  for (const Field& field : fields) {
    out += ',';
    quote(out, field.key);
    out += ':';
    std::visit(Append{out}, field.value);
  }
  return out;
}

void write(Level level, std::string_view message, std::initializer_list<Field> fields) {
  if (!logger().should_log(toSpdlog(level))) return;
  logger().log(toSpdlog(level), "{{\"ts\":\"{}\",\"level\":\"{}\",{}}}", formatTime(systemClock().now()),
               nameOf(level), render(message, fields));
}

}  // namespace errand::log
