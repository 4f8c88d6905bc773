#include "cli/verdict/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/findings/escape.hpp"

namespace errand::cli {
namespace {

using nlohmann::json;

bool has(std::span<const CheckLine> lines, Verdict verdict) {
  return std::ranges::find(lines, verdict, &CheckLine::verdict) != lines.end();
}

std::string joined(const CheckLine& line) {
  if (line.object.empty() || line.text.empty()) return line.object + line.text;
  return line.object + ": " + line.text;
}

std::string asText(const Trouble& trouble) {
  // A message of the operator begins with its field.
  const bool named = trouble.field.empty() || trouble.message.starts_with(trouble.field);
  std::string out =
      fmt::format("           {}{}{}\n", named ? "" : shown(trouble.field) + ": ", shown(trouble.message),
                  trouble.reason.empty() ? "" : " (" + shown(trouble.reason) + ")");
  for (const std::string& command : trouble.commands) out += fmt::format("           $ {}\n", shown(command));
  return out;
}

}  // namespace

std::string_view toString(Verdict verdict) {
  switch (verdict) {
    case Verdict::Ok:
      return "ok";
    case Verdict::Note:
      return "note";
    case Verdict::Waits:
      return "waits";
    case Verdict::Wrong:
      return "wrong";
    case Verdict::Unknown:
      break;
  }
  return "unknown";
}

CheckLine wrong(std::string check, std::string object, std::vector<Trouble> troubles) {
  return {std::move(check), std::move(object), Verdict::Wrong, "", std::move(troubles)};
}

int exitOf(std::span<const CheckLine> lines) {
  constexpr int kWrong = 1, kUnknown = 2;
  if (has(lines, Verdict::Unknown)) return kUnknown;
  return has(lines, Verdict::Wrong) ? kWrong : 0;
}

std::string asText(std::span<const CheckLine> lines) {
  size_t width = 0;
  for (const CheckLine& line : lines) width = std::max(width, line.check.size());
  std::string out;
  for (const CheckLine& line : lines) {
    std::string text =
        fmt::format("{:<8}  {:<{}}  {}", toString(line.verdict), line.check, width, shown(joined(line)));
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
    for (const Trouble& trouble : line.troubles) out += asText(trouble);
  }
  return out;
}

std::string asJson(std::span<const CheckLine> lines) {
  json checks = json::array();
  for (const CheckLine& line : lines) {
    json problems = json::array();
    for (const Trouble& t : line.troubles)
      problems.push_back(
          {{"field", t.field}, {"reason", t.reason}, {"message", t.message}, {"commands", t.commands}});
    checks.push_back({{"check", line.check},
                      {"object", line.object},
                      {"verdict", toString(line.verdict)},
                      {"text", line.text},
                      {"problems", std::move(problems)}});
  }
  return json({{"checks", std::move(checks)}}).dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace errand::cli
