// A report as people and tools read it. No format holds the value of a credential.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/findings/report.hpp"

namespace errand::cli {

std::string asText(const Report& report);  // a table

// {"findings": […], "broken": […], "passed": […], "objects": n, "exempted": n, …} and "files" or
// "namespaces". In files a finding has "file" and "line"; in a cluster it has "namespace", "kind", "name" and
// "others".
std::string asJson(const Report& report);

std::string asSarif(const Report& report);   // SARIF 2.1.0 (OASIS)
std::string asGithub(const Report& report);  // workflow commands of GitHub Actions
std::string asJunit(const Report& report);   // the XML that CI systems read, a test case a file or object

// The level of a finding in the words of SARIF and of GitHub: warning or error.
std::string_view levelOf(rules::Severity severity);

struct OutputFormat {
  std::string_view name;
  std::string (*print)(const Report&);
};
std::span<const OutputFormat> outputFormats();

}  // namespace errand::cli
