// Every use of a Secret by the containers and volumes that are checked.
#pragma once

#include <string>
#include <vector>

#include "rules/catalogue/rule.hpp"

namespace errand::rules {

struct SecretUse {
  std::string secret;                    // may be empty: a reference without a name
  std::string where;                     // container "app": env DB_PASSWORD
  std::string path;                      // JSON Pointer of it, from the pod
  const Volume* volume = nullptr;        // null for the environment
  const SecretSource* source = nullptr;  // of that volume
};

// By env and envFrom.
std::vector<SecretUse> environmentSecrets(const CheckInput& input);

// By the volumes that are checked.
std::vector<SecretUse> volumeSecrets(const CheckInput& input);

// Whether the name is of the form that the token controller gives to a
// service account's token: <account>-token-<5 characters of its alphabet>.
bool looksLikeTokenSecret(std::string_view name);

}  // namespace errand::rules
