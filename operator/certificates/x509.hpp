// Creates and reads certificates (RFC 5280) with P-256 keys and ECDSA with SHA-256. Only the
// .cpp uses OpenSSL.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/sensitive.hpp"
#include "core/base/time.hpp"

namespace errand::certificates {

// A certificate and its key.
struct Pair {
  std::string certificate;  // PEM
  Sensitive key;            // PEM, PKCS #8
};

// Creates an authority that is valid from a minute before `now`, for clocks that are behind, until `now` +
// `life`. Its name contains its serial number, so that no two authorities have the same name.
Result<Pair> makeAuthority(Seconds life, Time now);

// Creates the certificate of a TLS server with these DNS names and IP addresses. It expires at the latest
// with the authority.
Result<Pair> makeServing(const Pair& authority, const std::vector<std::string>& names, Seconds life,
                         Time now);

// The data of one certificate.
struct CertificateInfo {
  std::string pem;  // of this certificate only
  Time notAfter;
  std::vector<std::string> names;  // DNS names and IP addresses of subjectAltName
};

// Returns all certificates of a PEM text, in order. Fails with Invalid if one cannot be read.
Result<std::vector<CertificateInfo>> read(std::string_view pem);

// True if the key belongs to the first certificate of the PEM text.
bool belongs(std::string_view certificatePem, const Sensitive& keyPem);
bool signedBy(std::string_view certificatePem, std::string_view authorityPem);

}  // namespace errand::certificates
