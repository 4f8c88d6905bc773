#include "operator/keys/plan.hpp"

#include <algorithm>

namespace errand::keys {

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
  // A clock that was set back must not keep a key forever.
  const Time since = std::min(o.since, now);
  const Time settled = since + settings.settle;
  if (!o.next.empty()) {
    if (now >= settled) out.step = Step::Switch;
    out.until = settled;
    return out;
  }
  if (o.needed)
    for (const std::string& id : o.accepted)
      if (id != o.signing && !o.needed->contains(id)) out.retired.insert(id);
  // A signer that has not seen the switch yet still signs with the previous key, so this waits for `settled`.
  // Keys retire before the next one is announced; otherwise they would accumulate if `life` is short.
  if (!out.retired.empty() && now >= settled) {
    out.step = Step::Retire;
    return out;
  }
  out.until = since + settings.life;
  if (now >= out.until) out.step = Step::Announce;
  if (!out.retired.empty()) out.until = std::min(out.until, settled);
  return out;
}

}  // namespace errand::keys
