#include <fmt/format.h>

#include <map>

#include "cli/findings/escape.hpp"
#include "cli/findings/print.hpp"

namespace errand::cli {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

}  // namespace

std::string asJunit(const Report& report) {
  const bool files = report.source == Source::Files;
  std::map<std::string, std::string> failures;  // by file or object
  for (const Located& found : report.findings) {
    if (files)
      failures[shown(found.file)] +=
          fmt::format("line {}: {}: {}\n", found.line, found.object(), shown(found.finding.message()));
    else
      failures[found.object()] += shown(found.finding.message()) + '\n';
  }
  std::string cases;
  const auto add = [&](const std::string& name, std::string_view outcome, const std::string& text) {
    cases += fmt::format("  <testcase classname=\"errand\" name=\"{}\"><{}>{}</{}></testcase>\n",
                         escaped(name), outcome, escaped(text), outcome);
  };
  for (const auto& [name, text] : failures) add(name, "failure", text);
  const auto list = [&](std::string_view outcome, const std::vector<Broken>& all) {
    for (const Broken& one : all)
      add(shown(one.what), outcome,
          shown(files ? fmt::format("line {}: {}", one.line, one.message) : one.message));
  };
  list("error", report.broken);
  list("skipped", report.passed);
  const std::string_view command = files ? "scan" : "report";
  if (cases.empty()) cases = fmt::format("  <testcase classname=\"errand\" name=\"{}\"/>\n", command);
  const size_t tests = std::max<size_t>(failures.size() + report.broken.size() + report.passed.size(), 1);
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuite name=\"kubectl-errand {}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n"
      "{}</testsuite>\n",
      command, tests, failures.size(), report.broken.size(), report.passed.size(), cases);
}

}  // namespace errand::cli
