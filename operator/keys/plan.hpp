// Plans the rotation of signing keys. Pure: maps observations to the next step.
//
// A key is announced, then accepted by every verifier, then signs, then retires. Verifiers accept a key
// before it signs, and as long as one of its signatures is in use.
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
  Seconds settle{300};           // the time after which each signer and verifier has seen a change
};

// The stored keys.
struct Observed {
  std::string signing, next;          // ids of the private keys that can be read; empty if there is none
  std::vector<std::string> accepted;  // ids of the public keys
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
  std::set<std::string> retired;  // for Retire
  Time until;                     // for Wait: the latest time of the next observation
};

// Returns the next step. Wait means that there is nothing to do at this time.
Plan plan(const Observed& observed, const Settings& settings, Time now);

}  // namespace errand::keys
