// A report as people and tools read it.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "cli/scan/scan.hpp"

namespace errand::cli {

std::string asText(const Report& report);  // a table
std::string asJson(
    const Report& report);  // {"findings": […], "broken": […], "files": n, "objects": n, "exempted": n}
std::string asSarif(const Report& report);   // SARIF 2.1.0 (OASIS)
std::string asGithub(const Report& report);  // workflow commands of GitHub Actions
std::string asJunit(const Report& report);   // the XML that CI systems read, a test case a file

struct OutputFormat {
  std::string_view name;
  std::string (*print)(const Report&);
};
std::span<const OutputFormat> outputFormats();

}  // namespace errand::cli
