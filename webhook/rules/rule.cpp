#include "webhook/rules/rule.hpp"

#include <fmt/format.h>

namespace errand::webhook {

std::string_view toString(Severity severity) {
  switch (severity) {
    case Severity::Medium:
      return "Medium";
    case Severity::High:
      return "High";
    case Severity::Critical:
      return "Critical";
  }
  return "Critical";
}

std::string Finding::message() const {
  const std::string wayOut = fix.empty() ? "" : fmt::format(" Fix: {}.", fix);
  return fmt::format("[{0}] {1}.{2} See docs/rules/{0}.md", rule, text, wayOut);
}

Verdict judge(const Judged& judged) {
  Verdict out;
  for (const Rule* rule : catalogue()) {
    Reporter reporter(*rule, out.findings, out.needs);
    rule->check(judged, reporter);
  }
  return out;
}

}  // namespace errand::webhook
