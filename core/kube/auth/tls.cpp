#include "core/kube/auth/tls.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <utility>

namespace errand::kube {
namespace {

Result<std::vector<X509Ptr>> certificatesIn(std::string_view pem, std::string_view what) {
  PemCertificates read = readCertificates(pem);
  if (read.certificates.empty() || !read.whole)
    return fail(ErrorKind::Invalid, fmt::format("{}: not a PEM certificate", what));
  return std::move(read.certificates);
}

}  // namespace

Result<TlsMaterial> TlsMaterial::parse(std::string_view caPem, std::string_view certificatePem,
                                       const Sensitive& keyPem) {
  TlsMaterial out;
  if (!caPem.empty()) {
    auto authorities = certificatesIn(caPem, "certificate authority");
    if (!authorities) return std::unexpected(std::move(authorities.error()));
    out.authorities_.reset(X509_STORE_new());
    for (const X509Ptr& authority : *authorities)
      X509_STORE_add_cert(out.authorities_.get(), authority.get());
  }
  if (!certificatePem.empty()) {
    auto chain = certificatesIn(certificatePem, "client certificate");
    if (!chain) return std::unexpected(std::move(chain.error()));
    out.chain_ = std::move(*chain);
    out.key_ = readKey(keyPem);
    const bool fits = out.key_ && X509_check_private_key(out.chain_.front().get(), out.key_.get()) == 1;
    ERR_clear_error();
    if (!fits)
      return fail(ErrorKind::Invalid, "client key: not the unencrypted PEM key of the client certificate");
  }
  return out;
}

void TlsMaterial::applyTo(SSL_CTX* context) const {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  if (authorities_) {
    X509_STORE_up_ref(authorities_.get());
    SSL_CTX_set_cert_store(context, authorities_.get());
  }
  if (chain_.empty()) return;
  SSL_CTX_use_certificate(context, chain_.front().get());
  for (size_t i = 1; i < chain_.size(); ++i) SSL_CTX_add1_chain_cert(context, chain_[i].get());
  SSL_CTX_use_PrivateKey(context, key_.get());
}

}  // namespace errand::kube
