// Creates and reads certificates (RFC 5280) with P-256 keys and ECDSA with SHA-256. Only the .cpp file uses
// OpenSSL. Safe to use from several threads.
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
// `life`. Its name contains its serial number, so that no two authorities have the same name. Fails with
// Internal if OpenSSL fails.
Result<Pair> makeAuthority(Seconds life, Time now);

// Creates the certificate of a TLS server with these DNS names and IP addresses, valid from a minute before
// `now`. It expires at the latest with the authority. Fails with Invalid if the authority's certificate
// cannot be read, and with Internal if its key cannot, or a name is malformed.
Result<Pair> makeServing(const Pair& authority, const std::vector<std::string>& names, Seconds life,
                         Time now);

// The data of one certificate.
struct CertificateInfo {
  std::string pem;  // of this certificate only
  Time notAfter;
  std::vector<std::string> names;  // DNS names and IP addresses of subjectAltName
};

// Returns all certificates of a PEM text, in order. Fails with Invalid if there is none, or one
// cannot be read.
Result<std::vector<CertificateInfo>> read(std::string_view pem);

// True if the key belongs to the first certificate of the PEM text. False if one of them cannot be read.
bool belongs(std::string_view certificatePem, const Sensitive& keyPem);
// True if the key of the first authority has signed the first certificate. Compares neither names nor times.
bool signedBy(std::string_view certificatePem, std::string_view authorityPem);

}  // namespace errand::certificates
