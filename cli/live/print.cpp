#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/live/report.hpp"

namespace errand::cli {
namespace {

std::string counted(size_t n, std::string_view what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

std::string_view severityOf(const LiveFinding& found) {
  return toString(rules::findRule(found.finding.rule)->severity);
}

}  // namespace

std::string asText(const LiveReport& report) {
  std::string out;
  size_t width = 6;
  for (const LiveFinding& found : report.findings) width = std::max(width, found.object().size());
  const auto line = [&](std::string_view object, std::string_view rule, std::string_view severity,
                        std::string_view text) {
    out += fmt::format("{:<{}}  {:<5}  {:<8}  {}\n", object, width, rule, severity, text);
  };
  if (!report.findings.empty()) line("OBJECT", "RULE", "SEVERITY", "FINDING");
  for (const LiveFinding& found : report.findings)
    line(found.object(), found.finding.rule, severityOf(found), found.finding.text);
  for (const Broken& one : report.broken) out += fmt::format("{}: not read: {}\n", one.file, one.message);
  return out + fmt::format("{} on {} of {}{}\n", counted(report.findings.size(), "finding"),
                           counted(report.objects, "object"), counted(report.namespaces, "namespace"),
                           report.exempted > 0 ? fmt::format(", {} exempt", report.exempted) : "");
}

std::string asJson(const LiveReport& report) {
  using nlohmann::json;
  json findings = json::array(), broken = json::array();
  for (const LiveFinding& found : report.findings)
    findings.push_back({{"namespace", found.ns},
                        {"kind", found.kind},
                        {"name", found.name},
                        {"others", found.others},
                        {"rule", found.finding.rule},
                        {"severity", severityOf(found)},
                        {"path", found.finding.path},
                        {"message", found.finding.text},
                        {"fix", found.finding.fix}});
  for (const Broken& one : report.broken) broken.push_back({{"what", one.file}, {"message", one.message}});
  const json all = {{"findings", findings},
                    {"broken", broken},
                    {"namespaces", report.namespaces},
                    {"objects", report.objects},
                    {"exempted", report.exempted}};
  return all.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace errand::cli
