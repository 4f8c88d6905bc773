// Prints a report in the formats for people and for tools. No format holds the value of a credential. All
// formats escape untrusted text for their reader.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/findings/report.hpp"

namespace errand::cli {

// Returns a table of the findings, then the inputs that were not read or were skipped, then a line of counts.
std::string asText(const Report& report);

// Returns {"findings": […], "broken": […], "passed": […], "objects": n, "exempted": n, "notEnrolled": n,
// "unjudged": {…}} with the number of "files" or "namespaces". A finding in files has "file" and "line". A
// finding in a cluster has "namespace", "kind", "name" and "others".
std::string asJson(const Report& report);

// Returns SARIF 2.1.0 (OASIS). Unread input is an error notification, skipped input a note.
// `executionSuccessful` is false if an input or a field could not be read.
std::string asSarif(const Report& report);

std::string asGithub(const Report& report);  // workflow commands of GitHub Actions
// Returns JUnit's XML, with a test case for each file or object that has findings, was not read or was
// skipped. If there is none, the XML has one test case that passed.
std::string asJunit(const Report& report);

// Returns the level of a finding in SARIF and GitHub: "warning" or "error".
std::string_view levelOf(rules::Severity severity);

// A value of --format, and its printer.
struct OutputFormat {
  std::string_view name;
  std::string (*print)(const Report&);
};
// Returns all formats. The span is valid for the life of the process.
std::span<const OutputFormat> outputFormats();

}  // namespace errand::cli
