// Certificates and keys in PEM (RFC 7468), read by OpenSSL, which stays behind the .cpp.
#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/sensitive.hpp"
#include "core/base/time.hpp"

namespace errand {

struct OpensslFree {
  void operator()(BIO* bio) const;
  void operator()(X509* certificate) const;
  void operator()(X509_STORE* store) const;
  void operator()(EVP_PKEY* key) const;
};
using BioPtr = std::unique_ptr<BIO, OpensslFree>;
using X509Ptr = std::unique_ptr<X509, OpensslFree>;
using X509StorePtr = std::unique_ptr<X509_STORE, OpensslFree>;
using KeyPtr = std::unique_ptr<EVP_PKEY, OpensslFree>;

// OpenSSL's words on its last error, or `otherwise`; they never
// quote the input. Takes all of its errors.
std::string opensslReason(std::string_view otherwise);

struct PemCertificates {
  std::vector<X509Ptr> certificates;  // in the order of the text
  bool whole = false;                 // the text ended where they did: none was broken
  std::string reason;                 // why reading ended
};
PemCertificates readCertificates(std::string_view pem);

// The first certificate, or null.
X509Ptr readCertificate(std::string_view pem);

// Returns a time of a certificate; `which` names it in errors, for example "notAfter". Invalid if it is
// malformed: OpenSSL accepts such certificates.
Result<Time> readTime(const ASN1_TIME* time, std::string_view which);

// Return PEM, a key as PKCS #8 without a passphrase; empty if OpenSSL cannot write it.
std::string pemOf(const X509* certificate);
Sensitive pemOf(const EVP_PKEY* key);

// Returns null if the text is no key or is encrypted: there is no prompt for a passphrase.
// OpenSSL's error stays for opensslReason().
KeyPtr readKey(const Sensitive& pem);

}  // namespace errand
