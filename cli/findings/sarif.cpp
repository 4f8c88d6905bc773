#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/findings/print.hpp"

namespace errand::cli {
namespace {

using nlohmann::json;

// Returns a URI reference (RFC 3986, section 4.2). Escapes the characters that are allowed in a file name but
// not in a URI's path. A colon in the first segment would end a scheme: "./" before it prevents that.
std::string uriOf(const std::string& file) {
  std::string uri = file.substr(0, file.find('/')).contains(':') ? "./" : "";
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
  return uri;
}

// `line` 0 means the whole file; SARIF counts from 1.
json physical(const std::string& file, int line) {
  return {{"physicalLocation",
           {{"artifactLocation", {{"uri", uriOf(file)}}}, {"region", {{"startLine", std::max(line, 1)}}}}}};
}

// The location of an object in a cluster, which is in no file.
json logical(const std::string& name) {
  return {{"logicalLocations", json::array({{{"fullyQualifiedName", name}, {"kind", "resource"}}})}};
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

std::string asSarif(const Report& report) {
  const bool files = report.source == Source::Files;
  const auto all = rules::catalogue();
  json results = json::array(), notifications = json::array();
  for (const Located& found : report.findings)
    results.push_back(
        {{"ruleId", found.finding.rule},
         {"ruleIndex", std::ranges::find(all, found.finding.rule, &rules::Rule::id) - all.begin()},
         {"level", levelOf(found.severity())},
         {"message", {{"text", found.object() + ": " + found.finding.text}}},
         {"locations", json::array({files ? physical(found.file, found.line) : logical(found.object())})}});
  const auto notify = [&](std::string_view level, const std::vector<Broken>& some) {
    for (const Broken& one : some)
      notifications.push_back(
          {{"level", level},
           {"message", {{"text", one.message}}},
           {"locations", json::array({files ? physical(one.what, one.line) : logical(one.what)})}});
  };
  notify("error", report.broken);
  notify("note", report.passed);
  json run = {
      {"tool",
       {{"driver", {{"name", "kubectl-errand"}, {"version", ERRAND_VERSION}, {"rules", sarifRules()}}}}},
      {"invocations", json::array({{{"executionSuccessful", report.broken.empty() && !report.incomplete},
                                    {"toolExecutionNotifications", notifications}}})},
      {"results", results}};
  const json log = {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                    {"version", "2.1.0"},
                    {"runs", json::array({run})}};
  return log.dump(2, ' ', true, json::error_handler_t::replace) + "\n";
}

}  // namespace errand::cli
