// What to do about the keys that seal who asked for a grant: pure, from what is to the next step.
//
// The webhook signs with the one key; both processes accept several. A key is
// accepted everywhere before anything is signed with it, and for as long as
// something that it signed may still be judged.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/time.hpp"

namespace errand::seals {

struct Settings {
  std::string ns;                // of the Secret errand-seal
  Seconds life{30 * 24 * 3600};  // a key signs for so long
  // From a change of the Secret until each pod of the webhook is sure to have seen it.
  Seconds settle{300};
};

struct Observed {
  std::string signing, next;          // ids of the private keys that can be read; empty: none
  std::vector<std::string> accepted;  // ids of the public keys
  Time since;                         // of the Secret's last step
  // Ids on grants that have not ended; nothing while it is not known of each.
  std::optional<std::set<std::string>> carried;
};

enum class Step {
  MakeFirst,    // a key that signs at once: nothing could be sealed before
  Announce,     // the next key, accepted and not used yet
  Switch,       // the next key signs
  AcceptOwn,    // a private key's public half is not among those accepted
  ForgetSpent,  // keys that sign no more and that no live grant carries
  Wait
};

struct Plan {
  Step step = Step::Wait;
  std::set<std::string> spent;  // for ForgetSpent
  Time until;                   // for Wait: when to look again at the latest
};

Plan plan(const Observed& observed, const Settings& settings, Time now);

}  // namespace errand::seals
