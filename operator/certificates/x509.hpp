// Certificates made and read (RFC 5280): P-256 keys, ECDSA with SHA-256. OpenSSL stays behind the .cpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/sensitive.hpp"
#include "core/base/time.hpp"

namespace errand::certificates {

struct Pair {
  std::string certificate;  // PEM
  Sensitive key;            // PEM, PKCS #8
};

// Valid from a minute before `now`, for clocks that are behind, until `now` and `life`.
// The authority's name carries its serial number: no two are taken for each other.
Result<Pair> makeAuthority(Seconds life, Time now);

// For a TLS server of these DNS names and IP addresses; ends with the authority at the latest.
Result<Pair> makeServing(const Pair& authority, const std::vector<std::string>& names, Seconds life,
                         Time now);

struct CertificateInfo {
  std::string pem;  // of this certificate alone
  Time notAfter;
  std::vector<std::string> names;  // DNS names and IP addresses of subjectAltName
};

// All certificates of a PEM text, in order. Invalid where one cannot be read.
Result<std::vector<CertificateInfo>> read(std::string_view pem);

bool belongs(std::string_view certificatePem, const Sensitive& keyPem);
bool signedBy(std::string_view certificatePem, std::string_view authorityPem);

}  // namespace errand::certificates
