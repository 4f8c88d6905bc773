// Reads certificates and keys in PEM (RFC 7468) with OpenSSL.
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

// Returns OpenSSL's text about its last error in this thread, or `otherwise`. The text never quotes the
// input. Clears OpenSSL's error queue.
std::string opensslReason(std::string_view otherwise);

// The certificates of a PEM text.
struct PemCertificates {
  std::vector<X509Ptr> certificates;  // in the order of the text
  bool whole = false;                 // true if no certificate of the text is broken
  std::string reason;                 // OpenSSL's text, if `certificates` is empty or `whole` is false
};
PemCertificates readCertificates(std::string_view pem);

// Returns the first certificate; null if there is none.
X509Ptr readCertificate(std::string_view pem);

// Returns a time of a certificate. `which` names it in errors, for example "notAfter". Fails with Invalid if
// it is malformed: OpenSSL reads such certificates without an error.
Result<Time> readTime(const ASN1_TIME* time, std::string_view which);

// Return PEM; empty if OpenSSL cannot write it. A key is written as PKCS #8 without a passphrase.
std::string pemOf(const X509* certificate);
Sensitive pemOf(const EVP_PKEY* key);

// Returns null if the text is no key, or an encrypted one: it never prompts for a passphrase. opensslReason()
// then returns the cause.
KeyPtr readKey(const Sensitive& pem);

}  // namespace errand
