#include "rules/catalogue/catalogue.hpp"

#include <array>

namespace errand::rules {

std::span<const Rule* const> catalogue() {
  static const std::array<const Rule*, 31> rules = {&kAutomount,
                                                    &kLongToken,
                                                    &kApiToken,
                                                    &kForeignAccount,
                                                    &kTokenSecret,
                                                    &kSecretVolume,
                                                    &kSecretInEnvironment,
                                                    &kLiteralCredential,
                                                    &kCredentialVariable,
                                                    &kRegistryPassword,
                                                    &kForeignToolClass,
                                                    &kSyncedCredential,
                                                    &kLongCertificate,
                                                    &kBaseAccountToken,
                                                    &kUnknownSource,
                                                    &kHostPath,
                                                    &kHostNamespace,
                                                    &kPrivileged,
                                                    &kStandingBinding,
                                                    &kDangerousRule,
                                                    &kCloudRole,
                                                    &kStandingAccess,
                                                    &kSlotStreams,
                                                    &kNonExpiringToken,
                                                    &kTokenInSecret,
                                                    &kLongClientCertificate,
                                                    &kUnmanagedWrite,
                                                    &kStatusTampering,
                                                    &kTokenOutsideGrant,
                                                    &kPodAccessWithoutDebug,
                                                    &kAgentImpersonation};
  return rules;
}

}  // namespace errand::rules
