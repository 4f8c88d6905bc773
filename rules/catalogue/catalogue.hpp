// The rules, one in each file. catalogue() in rule.hpp lists them.
#pragma once

#include "rules/catalogue/rule.hpp"

namespace errand::rules {

extern const Rule kAutomount;              // SC101
extern const Rule kLongToken;              // SC102
extern const Rule kApiToken;               // SC103
extern const Rule kForeignAccount;         // SC104
extern const Rule kTokenSecret;            // SC105
extern const Rule kSecretVolume;           // SC106
extern const Rule kSecretInEnvironment;    // SC107
extern const Rule kLiteralCredential;      // SC108
extern const Rule kCredentialVariable;     // SC109
extern const Rule kRegistryPassword;       // SC110
extern const Rule kForeignToolClass;       // SC111
extern const Rule kSyncedCredential;       // SC112
extern const Rule kLongCertificate;        // SC113
extern const Rule kBaseAccountToken;       // SC114
extern const Rule kUnknownSource;          // SC190
extern const Rule kHostPath;               // SC201
extern const Rule kHostNamespace;          // SC202
extern const Rule kPrivileged;             // SC203
extern const Rule kStandingBinding;        // SC301
extern const Rule kDangerousRule;          // SC302
extern const Rule kCloudRole;              // SC303
extern const Rule kStandingAccess;         // SC304
extern const Rule kSlotStreams;            // SC305
extern const Rule kNonExpiringToken;       // SC401
extern const Rule kTokenInSecret;          // SC402
extern const Rule kLongClientCertificate;  // SC403
extern const Rule kUnmanagedWrite;         // SC404
extern const Rule kStatusTampering;        // SC405
extern const Rule kTokenOutsideGrant;      // SC501
extern const Rule kPodAccessWithoutDebug;  // SC502
extern const Rule kAgentImpersonation;     // SC503

}  // namespace errand::rules
