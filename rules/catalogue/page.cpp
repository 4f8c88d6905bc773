#include "rules/catalogue/page.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace errand::rules {
namespace {

constexpr size_t kWidth = 84;

std::string wrapped(std::string_view text) {
  std::string out;
  size_t column = 0;
  while (!text.empty()) {
    const size_t space = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, space);
    if (column > 0 && column + 1 + word.size() > kWidth) {
      out += '\n';
      column = 0;
    }
    if (column > 0) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return out + '\n';
}

std::string whereHeld(const Rule& rule) {
  const std::string policy =
      rule.policy.empty() ? "" : fmt::format("the ValidatingAdmissionPolicy `{}`", rule.policy);
  const CheckStages stages = rule.stages();
  if (stages.isWithin(rule.guarded)) return policy + (stages.empty() ? "" : " and the webhook's guards");
  if (stages.isWithin(kScanStages)) return "`kubectl-errand scan`";
  return "`kubectl-errand scan`, the webhook" + (policy.empty() ? "" : " and " + policy);
}

}  // namespace

std::string pageOf(const Rule& rule) {
  std::string out = fmt::format("# {} {}\n\n", rule.id, rule.slug);
  out += wrapped(std::string(rule.title) + ".") + '\n';
  out += wrapped(fmt::format("Severity: {}. OWASP: {}. Checked by {}.", toString(rule.severity),
                             fmt::join(rule.tags, ", "), whereHeld(rule))) +
         '\n';
  out += wrapped(rule.why) + '\n';
  out += wrapped(fmt::format("Fix: {}.", rule.fix)) + '\n';
  out += fmt::format("## What is refused\n\n{}\n\n## What is allowed\n\n{}\n", rule.refused, rule.allowed);
  if (rule.parameters.empty()) return out;
  out += "\n## Parameters\n\n";
  for (const Parameter& parameter : rule.parameters)
    out += fmt::format("- `{}` = {}: {}\n", parameter.name, parameter.value, parameter.meaning);
  return out;
}

std::string indexPage() {
  std::string out =
      "# The standing-credential catalogue\n\nPrinted by `kubectl-errand rules --markdown docs/rules`, as "
      "each page "
      "is.\n\n| Id | Rule | Severity |\n|---|---|---|\n";
  for (const Rule* rule : catalogue())
    out += fmt::format("| [{0}]({0}.md) {1} | {2} | {3} |\n", rule->id, rule->slug, rule->title,
                       toString(rule->severity));
  return out;
}

}  // namespace errand::rules
