#include "rules/catalogue/exempt.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "rules/view/describe.hpp"

namespace errand::rules {
namespace {

bool names(const std::vector<std::string>& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

bool covers(const api::Exemption& exemption, const Candidate& candidate) {
  if (candidate.pod != nullptr && exemption.podSelector &&
      exemption.podSelector->matches(candidate.pod->labels))
    return true;
  return !candidate.name.empty() &&
         std::ranges::any_of(exemption.objects, [&](const api::Exemption::Object& object) {
           return object.kind == candidate.kind && object.name == candidate.name;
         });
}

bool covers(const api::Exemption& exemption, const Finding& finding) {
  if (!finding.exemptible || !names(exemption.rules, finding.rule)) return false;
  // The schema requires this as well. The check is repeated here, because it protects slots.
  return finding.rule != "SC106" ||
         (names(exemption.secrets, finding.secret) && !finding.secret.starts_with("errand-"));
}

}  // namespace

std::string Exempted::message() const {
  return fmt::format("[{}] {}. Exempt by Exemption {}", finding.rule, finding.text, inQuotes(by));
}

std::vector<Exempted> exempt(Verdict& verdict, const Candidate& candidate,
                             std::span<const std::shared_ptr<const api::Exemption>> exemptions, Time now) {
  std::vector<Exempted> out;
  for (const auto& exemption : exemptions) {
    if (!exemption->isInForce(now) || !covers(*exemption, candidate)) continue;
    std::erase_if(verdict.findings, [&](Finding& finding) {
      const Rule* rule = findRule(finding.rule);
      if (rule == nullptr || !rule->exemptible || !covers(*exemption, finding)) return false;
      out.push_back({std::move(finding), exemption->meta.name});
      return true;
    });
  }
  return out;
}

}  // namespace errand::rules
