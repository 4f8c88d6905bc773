#include <fmt/format.h>

#include <algorithm>

#include "cli/findings/escape.hpp"
#include "cli/findings/print.hpp"

namespace errand::cli {
namespace {

std::string escaped(std::string_view text, bool property) {
  std::string out;
  for (const char c : shown(text)) {
    if (c == '%')
      out += "%25";
    else if (property && c == ':')
      out += "%3A";
    else if (property && c == ',')
      out += "%2C";
    else
      out += c;
  }
  return out;
}

std::string command(std::string_view level, const std::string& file, int line, std::string_view title,
                    std::string_view message) {
  const std::string place =
      file.empty() ? "" : fmt::format("file={},line={},", escaped(file, true), std::max(line, 1));
  return fmt::format("::{} {}title={}::{}\n", level, place, title, escaped(message, false));
}

}  // namespace

// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
std::string asGithub(const Report& report) {
  const bool files = report.source == Source::Files;
  std::string out;
  for (const Located& found : report.findings) {
    const std::string message = found.finding.message();
    out += command(levelOf(found.severity()), found.file, found.line, found.finding.rule,
                   files ? message : found.object() + ": " + message);
  }
  const auto list = [&](std::string_view level, std::string_view title, const std::vector<Broken>& all) {
    for (const Broken& one : all)
      out += command(level, files ? one.what : "", one.line, title,
                     files ? one.message : one.what + ": " + one.message);
  };
  list("error", "broken", report.broken);
  list("notice", "passed over", report.passed);
  return out;
}

}  // namespace errand::cli
