// The rotation of signing keys: pure, from what is to the next step.
//
// A key is announced, accepted everywhere, signs, and retires. Verifiers accept a
// key before anything is signed with it, and for as long as something that it
// signed is still in use.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/time.hpp"

namespace errand::keys {

struct Settings {
  Seconds life{30 * 24 * 3600};  // how long a key signs
  Seconds settle{300};           // from a change until each signer and verifier is sure to have seen it
};

struct Observed {
  std::string signing, next;          // ids of the private keys that can be read; empty: none
  std::vector<std::string> accepted;  // ids of the public keys
  Time since;                         // of the last step
  // Ids of keys whose signatures are still in use; nothing while that is not fully known.
  std::optional<std::set<std::string>> needed;
};

enum class Step {
  MakeFirst,  // a key that signs at once: nothing could be signed before
  Announce,   // make the next key, accepted and not used yet
  Switch,     // the next key signs
  AcceptOwn,  // a private key's public half is not among those accepted
  Retire,     // stop accepting keys that no longer sign and are no longer needed
  Wait
};

struct Plan {
  Step step = Step::Wait;
  std::set<std::string> retired;  // for Retire
  Time until;                     // for Wait: when to look again at the latest
};

Plan plan(const Observed& observed, const Settings& settings, Time now);

}  // namespace errand::keys
