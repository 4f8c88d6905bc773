#include "cli/findings/report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/findings/escape.hpp"
#include "rules/view/describe.hpp"

namespace errand::cli {
namespace {

std::string placeOf(const std::string& what, int line) {
  return line > 0 ? fmt::format("{}:{}", shown(what), line) : shown(what);
}

}  // namespace

rules::Severity Located::severity() const { return rules::findRule(finding.rule)->severity; }

std::string Located::object() const {
  std::string out = rules::printable(kind) + ' ';
  if (!ns.empty()) out += rules::printable(ns) + '/';
  out += rules::printable(name);
  if (others > 0) out += fmt::format(" (and {} more of {})", others, rules::printable(owner));
  return out;
}

std::string Located::place() const { return file.empty() ? object() : placeOf(file, line); }

std::string Broken::place() const { return placeOf(what, line); }

int exitCode(const Report& report, rules::Severity level) {
  constexpr int kClean = 0, kFound = 1, kUnread = 2;
  if (!report.broken.empty() || report.incomplete) return kUnread;
  const bool found = std::ranges::any_of(report.findings,
                                         [&](const Located& located) { return located.severity() >= level; });
  return found ? kFound : kClean;
}

}  // namespace errand::cli
