// Plans the rotation of signing keys. The result depends only on the input: no I/O or clock.
//
// A key is first announced, so that every verifier accepts it. Then it signs, and at last it retires.
// Verifiers accept a key before it signs, and as long as one of its signatures is in use.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/time.hpp"

namespace errand::keys {

// The lifetime of a key, and the time of a change.
struct Settings {
  Seconds life{30 * 24 * 3600};  // how long a key signs
  Seconds settle{300};           // the time after a step until each signer and verifier has seen it
};

// The stored keys.
struct Observed {
  std::string signing, next;          // ids of the private keys; empty if there is none, or it cannot be read
  std::vector<std::string> accepted;  // ids of the public keys that verifiers accept
  Time since;                         // of the last step
  // Ids of keys whose signatures are still in use; nullopt while they are not completely known.
  std::optional<std::set<std::string>> needed;
};

// The steps of a rotation.
enum class Step {
  MakeFirst,  // create a key that signs at once, because nothing could be signed before
  Announce,   // create the next key, which is accepted and not used yet
  Switch,     // sign with the next key
  AcceptOwn,  // accept the public half of a private key that is not accepted
  Retire,     // stop accepting keys that neither sign nor are needed
  Wait
};

// The next step, and its data.
struct Plan {
  Step step = Step::Wait;
  std::set<std::string> retired;  // for Retire: the ids to remove from `accepted`
  Time until;                     // for Wait: the latest time of the next observation
};

// Returns the next step. Wait means that there is nothing to do at this time.
Plan plan(const Observed& observed, const Settings& settings, Time now);

}  // namespace errand::keys
