// The certificates of a connection to the API server.
#pragma once

#include <openssl/types.h>

#include <string_view>
#include <vector>

#include "core/base/pem.hpp"
#include "core/base/result.hpp"
#include "core/base/sensitive.hpp"

namespace errand::kube {

class TlsMaterial {
 public:
  // Invalid where a PEM does not parse or the key is not the certificate's.
  static Result<TlsMaterial> parse(std::string_view caPem, std::string_view certificatePem,
                                   const Sensitive& keyPem);

  // TLS 1.2 or later, trusting the given authorities alone (the context's own
  // where none were given), with the client certificate.
  void applyTo(SSL_CTX* context) const;

 private:
  X509StorePtr authorities_;
  std::vector<X509Ptr> chain_;  // leaf first
  KeyPtr key_;
};

}  // namespace errand::kube
