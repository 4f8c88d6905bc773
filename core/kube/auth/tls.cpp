#include "core/kube/auth/tls.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <utility>

namespace errand::kube {
namespace {

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};

std::unique_ptr<BIO, FreeBio> memory(std::string_view text) {
  return std::unique_ptr<BIO, FreeBio>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// An encrypted key must not make OpenSSL ask at the terminal.
int noPassword(char*, int, int, void*) { return 0; }

}  // namespace

void TlsMaterial::Free::operator()(X509_STORE* store) const { X509_STORE_free(store); }
void TlsMaterial::Free::operator()(X509* certificate) const { X509_free(certificate); }
void TlsMaterial::Free::operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }

Result<std::vector<TlsMaterial::Certificate>> TlsMaterial::readCertificates(std::string_view pem,
                                                                            std::string_view what) {
  std::vector<Certificate> out;
  const auto bio = memory(pem);
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, noPassword, nullptr))
    out.emplace_back(certificate);
  const auto last = ERR_peek_last_error();
  ERR_clear_error();
  if (out.empty() || ERR_GET_REASON(last) != PEM_R_NO_START_LINE)
    return fail(ErrorKind::Invalid, fmt::format("{}: not a PEM certificate", what));
  return out;
}

Result<TlsMaterial> TlsMaterial::parse(std::string_view caPem, std::string_view certificatePem,
                                       const Sensitive& keyPem) {
  TlsMaterial out;
  if (!caPem.empty()) {
    auto authorities = readCertificates(caPem, "certificate authority");
    if (!authorities) return std::unexpected(std::move(authorities.error()));
    out.authorities_.reset(X509_STORE_new());
    for (const Certificate& authority : *authorities)
      X509_STORE_add_cert(out.authorities_.get(), authority.get());
  }
  if (!certificatePem.empty()) {
    auto chain = readCertificates(certificatePem, "client certificate");
    if (!chain) return std::unexpected(std::move(chain.error()));
    out.chain_ = std::move(*chain);
    const auto bio = memory(keyPem.reveal());
    out.key_.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, noPassword, nullptr));
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
