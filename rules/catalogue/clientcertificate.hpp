// Finds cert-manager's certificates that a client, such as one of the API server, can use for too long.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace errand::rules {

inline constexpr std::int64_t kLongestClientCertificate = 3600;  // seconds

// Returns "a client certificate" or "an authority" if the certificate is one and lives longer than
// kLongestClientCertificate; nullopt otherwise.
// - `usages`: values of cert-manager's KeyUsage
//   (https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1.KeyUsage)
// - `duration`: a Go duration; an unset or invalid one counts as longer
//
// The API server accepts a client certificate with the extended usage "client auth" or "any", or with no
// extended usage (RFC 5280, 4.2.1.12). An authority signs such certificates.
std::optional<std::string_view> longForClients(const std::vector<std::string_view>& usages, bool isAuthority,
                                               std::string_view duration);

}  // namespace errand::rules
