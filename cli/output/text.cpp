#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/output/output.hpp"

namespace errand::cli {
namespace {

std::string place(const std::string& file, int line) {
  return line > 0 ? fmt::format("{}:{}", file, line) : file;
}

std::string escaped(std::string_view text, bool property) {
  std::string out;
  for (const char c : text) {
    if (c == '%')
      out += "%25";
    else if (c == '\n')
      out += "%0A";
    else if (c == '\r')
      out += "%0D";
    else if (property && c == ':')
      out += "%3A";
    else if (property && c == ',')
      out += "%2C";
    else
      out += c;
  }
  return out;
}

}  // namespace

std::string asText(const Report& report) {
  size_t width = 8, object = 6;
  for (const Located& found : report.findings) {
    width = std::max(width, place(found.file, found.line).size());
    object = std::max(object, found.object.size());
  }
  std::string out;
  if (!report.findings.empty())
    out = fmt::format("{:<{}}  {:<5}  {:<8}  {:<{}}  {}\n", "LOCATION", width, "RULE", "SEVERITY", "OBJECT",
                      object, "FINDING");
  for (const Located& found : report.findings)
    out += fmt::format("{:<{}}  {:<5}  {:<8}  {:<{}}  {}\n", place(found.file, found.line), width,
                       found.finding.rule, toString(rules::findRule(found.finding.rule)->severity),
                       found.object, object, found.finding.text);
  for (const Broken& broken : report.broken)
    out += fmt::format("{}: broken: {}\n", place(broken.file, broken.line), broken.message);
  out += fmt::format("{} finding{} in {} object{} of {} file{}{}\n", report.findings.size(),
                     report.findings.size() == 1 ? "" : "s", report.objects, report.objects == 1 ? "" : "s",
                     report.files, report.files == 1 ? "" : "s",
                     report.exempted > 0 ? fmt::format(", {} exempt", report.exempted) : "");
  return out;
}

// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
std::string asGithub(const Report& report) {
  std::string out;
  for (const Located& found : report.findings) {
    const auto severity = rules::findRule(found.finding.rule)->severity;
    out += fmt::format("::{} file={},line={},title={}::{}\n",
                       severity == rules::Severity::Medium ? "warning" : "error", escaped(found.file, true),
                       std::max(found.line, 1), found.finding.rule, escaped(found.finding.message(), false));
  }
  for (const Broken& broken : report.broken)
    out += fmt::format("::error file={},line={},title=broken::{}\n", escaped(broken.file, true),
                       std::max(broken.line, 1), escaped(broken.message, false));
  return out;
}

std::span<const OutputFormat> outputFormats() {
  static constexpr std::array kFormats = std::to_array<OutputFormat>(
      {{"text", asText}, {"json", asJson}, {"sarif", asSarif}, {"github", asGithub}, {"junit", asJunit}});
  return kFormats;
}

}  // namespace errand::cli
