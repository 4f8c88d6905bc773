// The rules, one a file; rule.hpp lists them all by catalogue().
#pragma once

#include "webhook/rules/rule.hpp"

namespace errand::webhook {

extern const Rule kAutomount;            // SC101
extern const Rule kLongToken;            // SC102
extern const Rule kApiToken;             // SC103
extern const Rule kForeignAccount;       // SC104
extern const Rule kTokenSecret;          // SC105
extern const Rule kSecretVolume;         // SC106
extern const Rule kSecretInEnvironment;  // SC107
extern const Rule kLiteralCredential;    // SC108
extern const Rule kBaseAccountToken;     // SC114
extern const Rule kUnknownSource;        // SC190

}  // namespace errand::webhook
