// The certificates of a connection to the API server.
#pragma once

#include <openssl/types.h>

#include <string_view>
#include <vector>

#include "core/base/pem.hpp"
#include "core/base/result.hpp"
#include "core/base/sensitive.hpp"

namespace errand::kube {

// Parsed authorities, and the certificates and key of a client.
class TlsMaterial {
 public:
  // Each part may be empty. The key is read only with a certificate. Fails with Invalid if a PEM does not
  // parse, or the key does not belong to the certificate.
  static Result<TlsMaterial> parse(std::string_view caPem, std::string_view certificatePem,
                                   const Sensitive& keyPem);

  // Sets TLS 1.2 or later, the client certificate, and the trusted authorities. Without authorities, the
  // context keeps its own.
  void applyTo(SSL_CTX* context) const;

 private:
  X509StorePtr authorities_;
  std::vector<X509Ptr> chain_;  // leaf first
  KeyPtr key_;
};

}  // namespace errand::kube
