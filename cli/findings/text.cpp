#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/findings/escape.hpp"
#include "cli/findings/print.hpp"

namespace errand::cli {
namespace {

std::string counted(size_t n, std::string_view what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

// The words that differ between files and a cluster. The place of a finding in a cluster is its object.
struct Words {
  std::string_view firstColumn, broken, among, place;
};
const Words& wordsOf(Source source) {
  static constexpr Words kFiles{"LOCATION", "broken", "in", "file"},
      kCluster{"OBJECT", "not read", "on", "namespace"};
  return source == Source::Files ? kFiles : kCluster;
}

std::string table(const Report& report) {
  if (report.findings.empty()) return {};
  const bool withObject = report.source == Source::Files;
  const std::string_view first = wordsOf(report.source).firstColumn;
  size_t width = first.size(), object = 6;
  for (const Located& found : report.findings) {
    width = std::max(width, found.place().size());
    if (withObject) object = std::max(object, found.object().size());
  }
  std::string out;
  const auto row = [&](std::string_view place, std::string_view rule, std::string_view severity,
                       std::string_view what, std::string_view text) {
    out += fmt::format("{:<{}}  {:<5}  {:<8}  ", place, width, rule, severity);
    if (withObject) out += fmt::format("{:<{}}  ", what, object);
    out += fmt::format("{}\n", text);
  };
  row(first, "RULE", "SEVERITY", "OBJECT", "FINDING");
  for (const Located& found : report.findings)
    row(found.place(), found.finding.rule, toString(found.severity()), found.object(),
        shown(found.finding.text));
  return out;
}

}  // namespace

std::string asText(const Report& report) {
  const Words& words = wordsOf(report.source);
  std::string out = table(report);
  for (const Broken& broken : report.broken)
    out += fmt::format("{}: {}: {}\n", broken.place(), words.broken, shown(broken.message));
  for (const Broken& passed : report.passed)
    out += fmt::format("{}: passed over: {}\n", passed.place(), shown(passed.message));
  if (report.showUnjudged)
    for (const auto& [kind, count] : report.unjudged)
      out += fmt::format("{}: not judged: {} of a kind that no rule is about\n", shown(kind),
                         counted(count, "object"));
  out += fmt::format("{} {} {} of {}", counted(report.findings.size(), "finding"), words.among,
                     counted(report.objects, "object"), counted(report.places, words.place));
  if (report.exempted > 0) out += fmt::format(", {} exempt", report.exempted);
  if (report.notEnrolled > 0)
    out += fmt::format(", {} of namespaces that are not enrolled",
                       counted(report.notEnrolled, "further object"));
  size_t unjudged = 0;
  for (const auto& [kind, count] : report.unjudged) unjudged += count;
  if (unjudged > 0)
    out += fmt::format(", {} of {} that no rule is about", unjudged, counted(report.unjudged.size(), "kind"));
  return out + '\n';
}

std::string_view levelOf(rules::Severity severity) {
  return severity == rules::Severity::Medium ? "warning" : "error";
}

std::span<const OutputFormat> outputFormats() {
  static constexpr std::array kFormats = std::to_array<OutputFormat>(
      {{"text", asText}, {"json", asJson}, {"sarif", asSarif}, {"github", asGithub}, {"junit", asJunit}});
  return kFormats;
}

}  // namespace errand::cli
