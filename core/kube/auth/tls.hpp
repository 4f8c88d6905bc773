// The certificates of a connection to the API server.
#pragma once

#include <openssl/types.h>

#include <memory>
#include <string_view>
#include <vector>

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
  struct Free {
    void operator()(X509_STORE* store) const;
    void operator()(X509* certificate) const;
    void operator()(EVP_PKEY* key) const;
  };
  using Certificate = std::unique_ptr<X509, Free>;

  static Result<std::vector<Certificate>> readCertificates(std::string_view pem, std::string_view what);

  std::unique_ptr<X509_STORE, Free> authorities_;
  std::vector<Certificate> chain_;  // leaf first
  std::unique_ptr<EVP_PKEY, Free> key_;
};

}  // namespace errand::kube
