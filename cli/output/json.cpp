#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/output/output.hpp"

namespace errand::cli {
namespace {

using nlohmann::json;

std::string dumped(const json& value) {
  return value.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

const rules::Rule& ruleOf(const Located& found) { return *rules::findRule(found.finding.rule); }

std::string_view levelOf(rules::Severity severity) {
  return severity == rules::Severity::Medium ? "warning" : "error";
}

json location(const std::string& file, int line) {
  // A URI reference: the characters that a path may have and a URI may not (RFC 3986, section 3.3).
  std::string uri;
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const unsigned char c : file) {
    const bool literal =
        c > 0x20 && c < 0x7f &&
        std::string_view("\"#%<>?[\\]^`{|}").find(static_cast<char>(c)) == std::string_view::npos;
    if (literal) {
      uri += static_cast<char>(c);
    } else {
      uri += '%';
      uri += kHex[c >> 4];
      uri += kHex[c & 15];
    }
  }
  return {{"physicalLocation",
           {{"artifactLocation", {{"uri", uri}}}, {"region", {{"startLine", std::max(line, 1)}}}}}};
}

json sarifRules() {
  json out = json::array();
  for (const rules::Rule* rule : rules::catalogue()) {
    json tags = json::array({"security"});
    for (const std::string_view tag : rule->tags) tags.push_back(tag);
    out.push_back({{"id", rule->id},
                   {"name", rule->slug},
                   {"shortDescription", {{"text", std::string(rule->title) + "."}}},
                   {"fullDescription", {{"text", rule->why}}},
                   {"help", {{"text", "Fix: " + std::string(rule->fix) + "."}}},
                   {"defaultConfiguration", {{"level", levelOf(rule->severity)}}},
                   {"properties", {{"tags", tags}}}});
  }
  return out;
}

}  // namespace

std::string asJson(const Report& report) {
  json findings = json::array(), broken = json::array();
  for (const Located& found : report.findings)
    findings.push_back({{"file", found.file},
                        {"line", found.line},
                        {"object", found.object},
                        {"rule", found.finding.rule},
                        {"severity", toString(ruleOf(found).severity)},
                        {"path", found.finding.path},
                        {"message", found.finding.text},
                        {"fix", found.finding.fix}});
  for (const Broken& one : report.broken)
    broken.push_back({{"file", one.file}, {"line", one.line}, {"message", one.message}});
  return dumped({{"findings", findings},
                 {"broken", broken},
                 {"files", report.files},
                 {"objects", report.objects},
                 {"exempted", report.exempted}});
}

std::string asSarif(const Report& report) {
  json results = json::array(), notifications = json::array();
  for (const Located& found : report.findings) {
    const auto all = rules::catalogue();
    results.push_back(
        {{"ruleId", found.finding.rule},
         {"ruleIndex", std::ranges::find(all, found.finding.rule, &rules::Rule::id) - all.begin()},
         {"level", levelOf(ruleOf(found).severity)},
         {"message", {{"text", found.object + ": " + found.finding.text}}},
         {"locations", json::array({location(found.file, found.line)})}});
  }
  for (const Broken& one : report.broken)
    notifications.push_back({{"level", "error"},
                             {"message", {{"text", one.message}}},
                             {"locations", json::array({location(one.file, one.line)})}});
  json run = {
      {"tool",
       {{"driver", {{"name", "kubectl-errand"}, {"version", ERRAND_VERSION}, {"rules", sarifRules()}}}}},
      {"invocations", json::array({{{"executionSuccessful", report.broken.empty()},
                                    {"toolExecutionNotifications", notifications}}})},
      {"results", results}};
  return dumped({{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                 {"version", "2.1.0"},
                 {"runs", json::array({run})}});
}

}  // namespace errand::cli
