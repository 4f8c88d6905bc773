#include <fmt/format.h>

#include <map>

#include "cli/findings/print.hpp"

namespace errand::cli {
namespace {

// Control characters are no XML, not even as references (XML 1.0, section 2.2).
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
      out += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? '?' : c;
  }
  return out;
}

}  // namespace

std::string asJunit(const Report& report) {
  const bool files = report.source == Source::Files;
  std::map<std::string, std::string> failures;  // by file or object
  for (const Located& found : report.findings) {
    if (files)
      failures[found.file] +=
          fmt::format("line {}: {}: {}\n", found.line, found.object(), found.finding.message());
    else
      failures[found.object()] += found.finding.message() + '\n';
  }
  std::string cases;
  const auto add = [&](const std::string& name, std::string_view outcome, const std::string& text) {
    cases += fmt::format("  <testcase classname=\"errand\" name=\"{}\"><{}>{}</{}></testcase>\n",
                         escaped(name), outcome, escaped(text), outcome);
  };
  for (const auto& [name, text] : failures) add(name, "failure", text);
  for (const Broken& broken : report.broken)
    add(broken.what, "error",
        files ? fmt::format("line {}: {}", broken.line, broken.message) : broken.message);
  const std::string_view command = files ? "scan" : "report";
  if (cases.empty()) cases = fmt::format("  <testcase classname=\"errand\" name=\"{}\"/>\n", command);
  const size_t tests = std::max<size_t>(failures.size() + report.broken.size(), 1);
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuite name=\"kubectl-errand {}\" tests=\"{}\" failures=\"{}\" errors=\"{}\">\n{}</testsuite>\n",
      command, tests, failures.size(), report.broken.size(), cases);
}

}  // namespace errand::cli
