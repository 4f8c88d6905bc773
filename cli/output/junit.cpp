#include <fmt/format.h>

#include <map>

#include "cli/output/output.hpp"

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
  std::string cases;
  std::map<std::string, std::string> failures;
  for (const Located& found : report.findings)
    failures[found.file] +=
        fmt::format("line {}: {}: {}\n", found.line, found.object, found.finding.message());
  for (const auto& [file, text] : failures)
    cases += fmt::format("  <testcase classname=\"errand\" name=\"{}\"><failure>{}</failure></testcase>\n",
                         escaped(file), escaped(text));
  for (const Broken& broken : report.broken)
    cases +=
        fmt::format("  <testcase classname=\"errand\" name=\"{}\"><error>line {}: {}</error></testcase>\n",
                    escaped(broken.file), broken.line, escaped(broken.message));
  if (cases.empty()) cases = "  <testcase classname=\"errand\" name=\"scan\"/>\n";
  const size_t tests = std::max<size_t>(failures.size() + report.broken.size(), 1);
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuite name=\"kubectl-errand scan\" tests=\"{}\" failures=\"{}\" errors=\"{}\">\n{}</testsuite>\n",
      tests, failures.size(), report.broken.size(), cases);
}

}  // namespace errand::cli
