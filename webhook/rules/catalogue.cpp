#include "webhook/rules/catalogue.hpp"

#include <array>

namespace errand::webhook {

std::span<const Rule* const> catalogue() {
  static const std::array<const Rule*, 7> rules = {&kAutomount,    &kForeignAccount,      &kTokenSecret,
                                                   &kSecretVolume, &kSecretInEnvironment, &kLiteralCredential,
                                                   &kUnknownSource};
  return rules;
}

}  // namespace errand::webhook
