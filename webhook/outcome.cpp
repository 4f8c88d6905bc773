#include "webhook/outcome.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "webhook/answer.hpp"

namespace errand::webhook {
namespace {

// A longer list does not help its reader.
constexpr size_t kMostFindings = 64;

// Joins the messages of findings, or of exempted findings.
std::string joined(const auto& findings) {
  std::string message;
  const size_t shown = std::min(findings.size(), kMostFindings);
  for (size_t i = 0; i < shown; ++i) message += (i > 0 ? "\n" : "") + findings[i].message();
  if (shown < findings.size()) message += fmt::format("\nand {} more", findings.size() - shown);
  return message;
}

Outcome allowWith(const Call& call, const Remarks& remarks) {
  return {.body = allowAnswer(call.info.uid, {}, remarks), .allowed = true};
}

Outcome verdictAnswer(const Call& call, rules::Verdict verdict, Remarks remarks, rules::Mode mode) {
  if (verdict.findings.empty()) return allowWith(call, remarks);
  Outcome out;
  if (mode == rules::Mode::Enforce) {
    out = refuse(call, joined(verdict.findings));
    out.needs = std::move(verdict.needs);
  } else {
    if (mode == rules::Mode::Audit)
      remarks.audit = joined(verdict.findings);
    else
      for (const rules::Finding& finding : verdict.findings) remarks.warnings.push_back(finding.message());
    out = allowWith(call, remarks);
  }
  for (const rules::Finding& finding : verdict.findings) out.ruleIds.emplace_back(finding.rule);
  out.ruleIds.erase(std::ranges::unique(out.ruleIds).begin(), out.ruleIds.end());
  return out;
}

}  // namespace

Outcome allow(const Call& call, const rules::Patch& patch, std::vector<std::string> warnings) {
  const Remarks remarks{.warnings = std::move(warnings)};
  return {.body = allowAnswer(call.info.uid, patch.empty() ? std::string() : toJson(patch), remarks),
          .allowed = true};
}

Outcome allow(const Call& call, Forecast forecast) {
  Outcome out = allowWith(call, {.warnings = std::move(forecast.warnings)});
  out.asks = std::move(forecast.asks);
  return out;
}

Outcome refuse(const Call& call, std::string_view message) {
  return {.body = refuseAnswer(call.info.uid, message)};
}

Outcome refuse(const Call& call, const rules::Finding& finding) {
  Outcome out = refuse(call, finding.message());
  out.ruleIds.emplace_back(finding.rule);
  return out;
}

Outcome answer(const Call& call, rules::Verdict verdict, const rules::Candidate& candidate,
               rules::Mode mode) {
  if (verdict.findings.empty()) return allow(call);
  const std::vector<rules::Exempted> exempted =
      exempt(verdict, candidate, call.cluster.exemptions(call.info.ns), call.now);
  Remarks remarks;
  remarks.exempted = joined(exempted);
  Outcome out = verdictAnswer(call, std::move(verdict), std::move(remarks), mode);
  for (const rules::Exempted& one : exempted) out.exempted.emplace_back(one.finding.rule);
  return out;
}

Outcome answer(const Call& call, RequestVerdict verdict) {
  if (!verdict.refusal) return allow(call);
  Outcome out = refuse(call, *verdict.refusal);
  out.asks = std::move(verdict.asks);
  out.roles = std::move(verdict.roles);
  out.needs = std::move(verdict.needs);
  return out;
}

}  // namespace errand::webhook
