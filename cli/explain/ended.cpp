#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/explain/lines.hpp"
#include "cli/explain/mend.hpp"
#include "cli/verdict/commands.hpp"
#include "core/policy/conditions.hpp"

namespace errand::cli {
namespace {

std::string millis(std::int64_t value) {
  return value < 1000 ? fmt::format("{} ms", value)
                      : fmt::format("{:.1f} s", static_cast<double>(value) / 1000);
}

CheckLine causeOf(const ExplainFacts& facts) {
  const api::TaskGrant& grant = *facts.grant.value;
  const std::string object = "TaskGrant/" + grant.meta.name;
  const std::string when = grant.status.endedAt ? formatTime(*grant.status.endedAt) : "an unknown time";
  const std::string text = fmt::format("{} since {}", api::toString(*grant.status.phase), when);
  const api::Condition* ready = api::findCondition(grant.status.conditions, policy::kReady);
  const std::string message = ready == nullptr ? "" : ready->message;
  if (grant.status.phase == api::Phase::Completed)
    return {"grant", object, Verdict::Ok, text + ": " + message};
  api::Condition cause;
  cause.reason = grant.status.endedBecause;
  cause.message = message.empty() ? "the grant ended" : message;
  const auto reason = policy::reasonOf(cause);
  Trouble trouble{"", cause.reason, cause.message};
  if (reason) {
    trouble = mended(policy::Problem{*reason, cause.message}, facts);
    const std::string way = wayOut(*reason, true);
    if (!way.empty()) trouble.message += ". " + way;
    // A grant that ended by its notAfter would end at once.
    const bool again = way.contains("reate another grant") || way.contains("Create the grant again");
    if (again && *reason != policy::Reason::NotStartedInTime)
      trouble.commands.push_back(recreateGrant(facts.ns, grant.meta.name, {{"revoke", nullptr}}));
  }
  CheckLine out = wrong("grant", object, {std::move(trouble)});
  out.text = text;
  return out;
}

CheckLine proofOf(const api::TaskGrant& grant) {
  const auto& revocation = grant.status.revocation;
  CheckLine out{"proof", "", Verdict::Ok, ""};
  if (!grant.status.startedAt) {
    out.text = "no credentials ever existed";
    return out;
  }
  if (!revocation.confirmedAt) {
    out.verdict = Verdict::Waits;
    out.text = "the rights are withdrawn; the proof that the last token is rejected is awaited";
    return out;
  }
  out.text = fmt::format("the end of the credentials was confirmed at {} by {}",
                         formatTime(*revocation.confirmedAt), revocation.confirmedBy);
  if (revocation.rightsGoneMilliseconds)
    out.text += fmt::format("; rights gone after {}", millis(*revocation.rightsGoneMilliseconds));
  if (revocation.tokenRefusedMilliseconds)
    out.text += fmt::format("; token rejected after {}", millis(*revocation.tokenRefusedMilliseconds));
  return out;
}

}  // namespace

Lines endOf(const ExplainFacts& facts) {
  const api::TaskGrant& grant = *facts.grant.value;
  Lines out = {causeOf(facts), proofOf(grant)};
  if (const auto& pods = grant.status.revocation.podsRunning; !pods.empty())
    out.push_back(
        {"proof", "", Verdict::Note, fmt::format("pods that still run: {}", fmt::join(pods, ", "))});
  if (const api::Condition* stalled = api::findCondition(grant.status.conditions, policy::kStalled);
      stalled != nullptr && stalled->status == api::ConditionStatus::True)
    out.push_back(wrong("revocation", "", {mended(*stalled, facts)}));
  return out;
}

}  // namespace errand::cli
