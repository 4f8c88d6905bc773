// The server's side of TLS: protocol settings, and a certificate that can be renewed while the server runs.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/guarded.hpp"
#include "core/base/result.hpp"
#include "core/base/sensitive.hpp"
#include "core/base/time.hpp"

struct ssl_ctx_st;

namespace errand::serve {

// OpenSSL's SSL_CTX. All connections that began with it share it.
using TlsContext = std::shared_ptr<ssl_ctx_st>;

struct Certificate {
  TlsContext context;
  Time notBefore, notAfter;  // of the leaf
  std::string chain = {};    // PEM
};

// The clients that the server accepts. A client's certificate must allow client authentication, be signed by
// one of the authorities (PEM), and have this common name. The name is necessary because a cluster's own
// authority also signs for kubelets and people.
struct ClientAuthority {
  std::string pem;
  std::string commonName;
};

// Creates a context for TLS 1.2 and 1.3 with forward secrecy and authenticated ciphers, no renegotiation, and
// HTTP/1.1 by ALPN. Fails with Invalid if a PEM cannot be read, if a certificate has a malformed time, or if
// the key is encrypted or does not belong to the first certificate.
Result<Certificate> makeCertificate(std::string_view chainPem, const Sensitive& keyPem,
                                    const std::optional<ClientAuthority>& clients = std::nullopt);

// Succeeds if a client that trusts the authorities in `bundlePem` accepts the chain for a TLS server at that
// time (RFC 5280, section 6). Otherwise fails with Invalid and the reason. Does not check the host name.
Result<void> verifyChain(std::string_view chainPem, std::string_view bundlePem, Time now);

// The files of the server's certificate.
struct CertificateFiles {
  std::string certificate;  // PEM: the leaf, then its intermediates
  std::string key;          // PEM
  // A PEM file of authorities, and the name of the clients. Set both or neither.
  std::string clientCa = {}, clientName = {};
};

// A certificate that is read from files again when they change. It compares their content, because a Secret
// volume replaces symbolic links, not the files.
class CertificateSource {
 public:
  // Fails as readFile() and makeCertificate() do.
  static Result<std::unique_ptr<CertificateSource>> open(CertificateFiles files);

  // Returns the context for the next connection. Safe from any thread.
  TlsContext context() { return current_.access()->context; }

  // Reads the files again. Returns true if their content has changed and is now in use. Content that cannot
  // be used fails once, as in open(); the previous certificate stays in use. Call it from one thread only.
  Result<bool> refresh();

  // Fails with Invalid if the certificate in use is not valid at this time.
  Result<void> valid(Time now);

  Time notAfter() { return current_.access()->notAfter; }

  // Returns the chain in use, as PEM.
  std::string chain() { return current_.access()->chain; }

 private:
  explicit CertificateSource(CertificateFiles files) : files_(std::move(files)) {}

  const CertificateFiles files_;
  Guarded<Certificate> current_;
  std::string seen_;  // digest of the content of the last check
};

}  // namespace errand::serve
