#include "operator/plan/lifecycle/report.hpp"

#include <algorithm>
#include <cctype>

#include "operator/plan/checks/derived.hpp"
#include "operator/plan/checks/request.hpp"
#include "operator/plan/checks/runs.hpp"
#include "operator/plan/checks/scope.hpp"

namespace errand::plan {
namespace {

using api::ConditionStatus;
using api::Phase;

struct Report {
  api::TaskGrantStatus& status;
  std::int64_t generation;
  Time now;

  void set(std::string_view type, ConditionStatus value, Reason reason, std::string message) {
    repeat(type, value, std::string(policy::toString(reason)), std::move(message));
  }

  // Sets a condition again with the stored reason, which may be one of an earlier version.
  void repeat(std::string_view type, ConditionStatus value, std::string stored, std::string message) {
    api::Condition c;
    c.type = type;
    c.status = value;
    c.reason = std::move(stored);
    c.message = presentable(std::move(message));
    c.observedGeneration = generation;
    api::setCondition(status.conditions, std::move(c), now);
  }

  void approved(const Observed& o) {
    const api::ToolClass* c = toolClassOf(o);
    if (c == nullptr)
      return set(policy::kApproved, ConditionStatus::Unknown, Reason::Unknown, "the tool class is not known");
    if (approvalsNeeded(o) == 0)
      return set(policy::kApproved, ConditionStatus::True, Reason::NotRequired,
                 "the tool class asks for no approval");
    set(policy::kApproved, ConditionStatus::False, Reason::AwaitingApproval,
        "0 of " + std::to_string(approvalsNeeded(o)) + " approvals given");
  }
};

}  // namespace

std::string presentable(std::string text, size_t maxBytes) {
  for (size_t at = text.find("eyJ"); at != text.npos; at = text.find("eyJ", at)) {
    const size_t end = std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(),
                                        [](unsigned char c) {
                                          return std::isalnum(c) || c == '-' || c == '_' || c == '.';
                                        }) -
                       text.begin();
    text.replace(at, end - at, "[removed]");
  }
  if (text.size() <= maxBytes) return text;
  size_t end = maxBytes - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return text + "...";
}

api::TaskGrantStatus baseStatus(const Observed& o) {
  api::TaskGrantStatus status = o.grant->status;
  status.observedGeneration = o.grant->meta.generation;
  status.digest = grantDigest(*o.grant);
  if (o.request.checked) status.requestedBy = presentable(std::string(requesterOf(o)), 512);
  if (const api::ToolClass* c = toolClassOf(o); c != nullptr && !o.grant->terminal())
    status.effectiveRisk = policy::effectiveRisk(o.grant->spec, c);  // an ended grant keeps its value
  return status;
}

void reportWaiting(api::TaskGrantStatus& status, const Observed& o, Phase phase, Reason reason,
                   std::string message, Time now) {
  Report r{status, o.grant->meta.generation, now};
  status.phase = phase;
  r.set(policy::kReady, ConditionStatus::False, reason, std::move(message));
  r.set(policy::kStalled, ConditionStatus::False, Reason::Waiting, "it goes on by itself");
  r.approved(o);
  r.set(policy::kActive, ConditionStatus::False, Reason::NotStarted, "no credentials exist");
}

void reportScope(api::TaskGrantStatus& status, const Observed& o) {
  status.effective = effectiveOf(o);
  if (o.workload) status.workload = {o.workload->uid, o.workload->templateDigest};
}

void reportStalled(api::TaskGrantStatus& status, const Observed& o, Reason reason, std::string message,
                   Time now) {
  Report r{status, o.grant->meta.generation, now};
  if (!status.phase || *status.phase == Phase::AwaitingApproval || *status.phase == Phase::Scheduled)
    status.phase = Phase::Pending;
  r.set(policy::kReady, ConditionStatus::False, reason, message);
  r.set(policy::kStalled, ConditionStatus::True, reason, std::move(message));
  r.approved(o);
  if (!everStarted(*o.grant))
    r.set(policy::kActive, ConditionStatus::False, Reason::NotStarted, "no credentials exist");
}

void reportStart(api::TaskGrantStatus& status, const Observed& o, Time startedAt, Time endsAt, Time now) {
  Report r{status, o.grant->meta.generation, now};
  status.startedAt = startedAt;
  status.endsAt = endsAt;
  r.set(policy::kActive, ConditionStatus::Unknown, Reason::Starting,
        "rights are being given; the window closes at " + formatTime(endsAt));
}

void reportActive(api::TaskGrantStatus& status, const Observed& o, Time startedAt, Time endsAt, Time now) {
  Report r{status, o.grant->meta.generation, now};
  status.phase = Phase::Active;
  status.startedAt = startedAt;
  status.endsAt = endsAt;
  const std::string until = "credentials are valid until " + formatTime(endsAt);
  r.set(policy::kReady, ConditionStatus::True, Reason::Active, until);
  r.set(policy::kStalled, ConditionStatus::False, Reason::Active, until);
  r.approved(o);
  r.set(policy::kActive, ConditionStatus::True, Reason::Active, until);
}

void reportEnded(api::TaskGrantStatus& status, const Observed& o, const Ending& ending, bool hadCredentials,
                 Time now) {
  Report r{status, o.grant->meta.generation, now};
  status.phase = ending.phase;
  status.endedAt = now;
  status.endsAt = std::min(status.endsAt.value_or(now), now);
  status.endedBecause = policy::toString(ending.because);
  if (hadCredentials) status.revocation.requestedAt = now;
  reportPods(status, o);
  r.set(policy::kReady, ConditionStatus::True, ending.because, ending.message);
  r.set(policy::kStalled, ConditionStatus::False, ending.because, ending.message);
  if (hadCredentials)
    r.set(policy::kActive, ConditionStatus::Unknown, Reason::Revoking,
          "rights are withdrawn; the proof that tokens are refused is awaited");
  else
    r.set(policy::kActive, ConditionStatus::False, Reason::NeverStarted, "no credentials ever existed");
}

void reportPods(api::TaskGrantStatus& status, const Observed& o) {
  constexpr size_t kMost = 10;
  auto& revocation = status.revocation;
  const auto running = podsRunning(o);
  const auto note = [](std::vector<std::string>& in, const std::string& pod) {
    if (in.size() < kMost && std::ranges::find(in, pod) == in.end()) in.push_back(pod);
  };
  for (const std::string& pod : revocation.podsRunning)
    if (!std::ranges::binary_search(running, pod)) note(revocation.podsEnded, pod);
  revocation.podsRunning.clear();
  for (const std::string& pod : running) note(revocation.podsRunning, pod);
}

void reportBlocked(api::TaskGrantStatus& status, const Observed& o, std::string message, Time now) {
  Report r{status, o.grant->meta.generation, now};
  r.set(policy::kStalled, ConditionStatus::True, Reason::RevocationBlocked, message);
  r.set(policy::kActive, ConditionStatus::Unknown, Reason::RevocationBlocked, std::move(message));
}

void reportRunsOn(api::TaskGrantStatus& status, const Observed& o, std::string message, Time now) {
  Report{status, o.grant->meta.generation, now}.set(policy::kStalled, ConditionStatus::True,
                                                    Reason::RunNotEnded, std::move(message));
}

void reportUnblocked(api::TaskGrantStatus& status, const Observed& o, bool allEnding, Time now) {
  const api::Condition* stalled = api::findCondition(status.conditions, policy::kStalled);
  if (stalled == nullptr || stalled->status != ConditionStatus::True) return;
  // reportBlocked() and reportRunsOn() set the same condition, and each is cleared at another time. Only the
  // reason distinguishes them.
  const bool wasBlocked = policy::reasonOf(*stalled) == Reason::RevocationBlocked;
  if (!wasBlocked && !allEnding) return;
  Report r{status, o.grant->meta.generation, now};
  r.repeat(policy::kStalled, ConditionStatus::False, status.endedBecause, "it goes on by itself");
  if (!wasBlocked) return;
  r.set(policy::kActive, ConditionStatus::Unknown, Reason::Revoking,
        "rights are withdrawn; the proof that tokens are refused is awaited");
}

void reportConfirmed(api::TaskGrantStatus& status, const Proof& proof, std::string_view confirmedBy,
                     std::int64_t generation, Time now) {
  Report r{status, generation, now};
  status.revocation.confirmedAt = now;
  status.revocation.confirmedBy = confirmedBy;
  const auto since = [&](const std::optional<Time>& at) -> std::optional<std::int64_t> {
    if (!proof.endedAt || !at) return std::nullopt;
    return std::max(Millis{0}, *at - *proof.endedAt).count();
  };
  status.revocation.rightsGoneMilliseconds = since(proof.rightsGoneAt);
  if (confirmedBy == "TokenReview") status.revocation.tokenRefusedMilliseconds = since(proof.refusedSince);
  r.set(policy::kActive, ConditionStatus::False, Reason::Revoked,
        confirmedBy == "TokenReview" ? "the API server refuses the last token" : "every token has expired");
}

}  // namespace errand::plan
