#include <nlohmann/json.hpp>

#include "cli/findings/print.hpp"

namespace errand::cli {

std::string asJson(const Report& report) {
  using nlohmann::json;
  const bool files = report.source == Source::Files;
  json findings = json::array(), broken = json::array();
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
  for (const Broken& one : report.broken)
    broken.push_back(files ? json{{"file", one.what}, {"line", one.line}, {"message", one.message}}
                           : json{{"what", one.what}, {"message", one.message}});
  const json all = {{"findings", findings},
                    {"broken", broken},
                    {files ? "files" : "namespaces", report.places},
                    {"objects", report.objects},
                    {"exempted", report.exempted}};
  return all.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace errand::cli
