// Lists every use of a Secret by the containers and volumes of a check.
#pragma once

#include <string>
#include <vector>

#include "rules/catalogue/rule.hpp"

namespace errand::rules {

// One use of a Secret by a container or volume.
struct SecretUse {
  std::string secret;                    // empty if the reference has no name
  std::string where;                     // container "app": env DB_PASSWORD
  std::string path;                      // JSON Pointer, relative to the pod
  const Volume* volume = nullptr;        // null for a variable
  const SecretSource* source = nullptr;  // the source in that volume
};

// Returns the Secrets that variables use, by env and envFrom.
std::vector<SecretUse> environmentSecrets(const CheckInput& input);

// Returns the Secrets that the volumes to check use.
std::vector<SecretUse> volumeSecrets(const CheckInput& input);

// True if the name has the form that the token controller gives to a service account's token:
// <account>-token-<5 characters of its alphabet>.
bool looksLikeTokenSecret(std::string_view name);

}  // namespace errand::rules
