#include "operator/seals/plan.hpp"

#include <algorithm>

namespace errand::seals {

Plan plan(const Observed& o, const Settings& settings, Time now) {
  const auto accepts = [&](const std::string& id) {
    return id.empty() || std::ranges::find(o.accepted, id) != o.accepted.end();
  };
  Plan out;
  if (o.signing.empty()) {
    out.step = Step::MakeFirst;
    return out;
  }
  if (!accepts(o.signing) || !accepts(o.next)) {
    out.step = Step::AcceptOwn;
    return out;
  }
  // A clock that was put back must not keep a key for ever.
  const Time since = std::min(o.since, now);
  const Time settled = since + settings.settle;
  if (!o.next.empty()) {
    if (now >= settled) out.step = Step::Switch;
    out.until = settled;
    return out;
  }
  if (o.carried)
    for (const std::string& id : o.accepted)
      if (id != o.signing && !o.carried->contains(id)) out.spent.insert(id);
  // A pod of the webhook that has not seen the switch signs with the key before. Ahead of the next key, or
  // with a life no longer than the settling there would be ever more of them.
  if (!out.spent.empty() && now >= settled) {
    out.step = Step::ForgetSpent;
    return out;
  }
  out.until = since + settings.life;
  if (now >= out.until) out.step = Step::Announce;
  if (!out.spent.empty()) out.until = std::min(out.until, settled);
  return out;
}

}  // namespace errand::seals
