#include <nlohmann/json.hpp>

#include "cli/findings/print.hpp"

namespace errand::cli {

std::string asJson(const Report& report) {
  using nlohmann::json;
  const bool files = report.source == Source::Files;
  json findings = json::array();
  for (const Located& found : report.findings) {
    json one = {{"object", found.object()},
                {"rule", found.finding.rule},
                {"severity", toString(found.severity())},
                {"path", found.finding.path},
                {"message", found.finding.text},
                {"fix", found.finding.fix}};
    one.update(files ? json{{"file", found.file}, {"line", found.line}}
                     : json{{"namespace", found.ns},
                            {"kind", found.kind},
                            {"name", found.name},
                            {"others", found.others}});
    findings.push_back(std::move(one));
  }
  const auto listed = [&](const std::vector<Broken>& all) {
    json out = json::array();
    for (const Broken& one : all)
      out.push_back(files ? json{{"file", one.what}, {"line", one.line}, {"message", one.message}}
                          : json{{"what", one.what}, {"message", one.message}});
    return out;
  };
  const json all = {{"findings", findings},
                    {"broken", listed(report.broken)},
                    {"passed", listed(report.passed)},
                    {files ? "files" : "namespaces", report.places},
                    {"objects", report.objects},
                    {"exempted", report.exempted},
                    {"notEnrolled", report.notEnrolled},
                    {"unjudged", report.unjudged}};
  return all.dump(2, ' ', true, json::error_handler_t::replace) + "\n";
}

}  // namespace errand::cli
