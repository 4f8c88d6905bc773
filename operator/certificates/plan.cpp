#include "operator/certificates/plan.hpp"

#include <algorithm>

namespace errand::certificates {
namespace {

Time renewalOf(Time notAfter, Seconds life) { return notAfter - life / 3; }

bool covers(std::vector<std::string> has, std::vector<std::string> wants) {
  std::ranges::sort(has);
  std::ranges::sort(wants);
  return std::ranges::includes(has, wants);
}

}  // namespace

std::string bundleOf(const std::vector<Authority>& authorities, Time now) {
  std::string out;
  for (const Authority& authority : authorities)
    if (now < authority.notAfter) out += authority.pem;
  return out;
}

Plan plan(const Observed& observed, const Settings& settings, Time now) {
  Plan out;
  if (observed.authorities.empty() || !observed.canSign ||
      now >= renewalOf(observed.authorities.front().notAfter, settings.authorityLife)) {
    out.step = Step::MakeAuthority;
    return out;
  }
  out.bundle = bundleOf(observed.authorities, now);
  if (std::ranges::any_of(observed.published, [&](const auto& bundle) { return bundle != out.bundle; })) {
    out.step = Step::Publish;
    return out;
  }

  const Time settled = observed.publishedSince.value_or(now) + settings.settle;
  const auto& serving = observed.serving;
  // Without a usable certificate the webhook serves nothing, so this does not wait for `settled`.
  if (!serving || !serving->trusted || now >= serving->notAfter || !covers(serving->names, settings.names)) {
    out.step = Step::IssueServing;
    return out;
  }
  const Time due = renewalOf(serving->notAfter, settings.servingLife);
  const Time next = serving->bySigner ? std::max(due, settled) : settled;
  if (now >= next) {
    out.step = Step::IssueServing;
    return out;
  }
  out.until = std::min(next, renewalOf(observed.authorities.front().notAfter, settings.authorityLife));
  for (const Authority& authority : observed.authorities)
    if (now < authority.notAfter) out.until = std::min(out.until, authority.notAfter);
  return out;
}

}  // namespace errand::certificates
