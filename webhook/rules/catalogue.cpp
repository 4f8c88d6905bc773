#include "webhook/rules/catalogue.hpp"

#include <array>

namespace errand::webhook {

std::span<const Rule* const> catalogue() {
  static const std::array<const Rule*, 10> rules = {
      &kAutomount,    &kLongToken,           &kApiToken,          &kForeignAccount,   &kTokenSecret,
      &kSecretVolume, &kSecretInEnvironment, &kLiteralCredential, &kBaseAccountToken, &kUnknownSource};
  return rules;
}

}  // namespace errand::webhook
