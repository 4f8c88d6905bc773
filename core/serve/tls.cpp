#include "core/serve/tls.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <fstream>

#include "core/base/crypto.hpp"

namespace errand::serve {
namespace {

template <auto free>
struct Free {
  template <class T>
  void operator()(T* object) const {
    free(object);
  }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;
using X509Ptr = std::unique_ptr<X509, Free<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;

constexpr std::size_t kMaxPem = 1 << 20;

// OpenSSL's reason, which never quotes the input.
std::string reason() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* text = code == 0 ? nullptr : ERR_reason_error_string(code);
  return text == nullptr ? "unreadable" : text;
}

Bio memory(std::string_view pem) { return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))); }

// Without it OpenSSL asks the terminal for a passphrase.
int noPassphrase(char*, int, int, void*) { return 0; }

int chooseProtocol(SSL*, const unsigned char** out, unsigned char* outSize, const unsigned char* in,
                   unsigned inSize, void*) {
  static constexpr std::array<unsigned char, 9> kHttp11 = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* chosen = nullptr;
  const int outcome = SSL_select_next_proto(&chosen, outSize, kHttp11.data(), kHttp11.size(), in, inSize);
  *out = chosen;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

Result<TlsContext> makeContext() {
  TlsContext context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!context) return fail(ErrorKind::Internal, "TLS context: " + reason());
  SSL_CTX* const raw = context.get();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_options(raw, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                               SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(raw, chooseProtocol, nullptr);
  if (SSL_CTX_set_cipher_list(raw, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1 ||
      SSL_CTX_set1_groups_list(raw, "X25519:P-256:P-384") != 1) {
    return fail(ErrorKind::Internal, "TLS ciphers: " + reason());
  }
  return context;
}

Result<Time> readTime(const ASN1_TIME* time, const char* what) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1)
    return fail(ErrorKind::Invalid, fmt::format("certificate: bad {}", what));
  return Time(std::chrono::seconds(timegm(&parts)));
}

Result<void> useChain(SSL_CTX* context, std::string_view pem, Certificate& out) {
  const Bio bio = memory(pem);
  const X509Ptr leaf(PEM_read_bio_X509(bio.get(), nullptr, noPassphrase, nullptr));
  if (!leaf) return fail(ErrorKind::Invalid, "certificate: " + reason());
  if (SSL_CTX_use_certificate(context, leaf.get()) != 1)
    return fail(ErrorKind::Invalid, "certificate: " + reason());
  while (true) {
    const X509Ptr issuer(PEM_read_bio_X509(bio.get(), nullptr, noPassphrase, nullptr));
    if (!issuer) {
      const bool atEnd = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
      const std::string why = reason();
      if (!atEnd) return fail(ErrorKind::Invalid, "certificate chain: " + why);
      break;
    }
    if (SSL_CTX_add1_chain_cert(context, issuer.get()) != 1) {
      return fail(ErrorKind::Invalid, "certificate chain: " + reason());
    }
  }
  const Result<Time> from = readTime(X509_get0_notBefore(leaf.get()), "notBefore");
  if (!from) return std::unexpected(from.error());
  const Result<Time> until = readTime(X509_get0_notAfter(leaf.get()), "notAfter");
  if (!until) return std::unexpected(until.error());
  out.notBefore = *from;
  out.notAfter = *until;
  return {};
}

Result<std::string> readFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string content(kMaxPem + 1, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  if (!file.is_open() || file.bad()) return fail(ErrorKind::NotFound, path + ": cannot be read");
  const auto size = static_cast<std::size_t>(file.gcount());
  if (size > kMaxPem) return fail(ErrorKind::Invalid, path + ": larger than 1 MiB");
  content.resize(size);
  return content;
}

}  // namespace

Result<Certificate> makeCertificate(std::string_view chainPem, const Sensitive& keyPem) {
  ERR_clear_error();
  Result<TlsContext> context = makeContext();
  if (!context) return std::unexpected(context.error());
  Certificate certificate;
  certificate.context = std::move(*context);
  if (Result<void> used = useChain(certificate.context.get(), chainPem, certificate); !used) {
    return std::unexpected(used.error());
  }
  const Bio bio = memory(keyPem.reveal());
  const KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, noPassphrase, nullptr));
  if (!key) return fail(ErrorKind::Invalid, "private key: " + reason());
  if (SSL_CTX_use_PrivateKey(certificate.context.get(), key.get()) != 1 ||
      SSL_CTX_check_private_key(certificate.context.get()) != 1) {
    return fail(ErrorKind::Invalid, "private key: " + reason());
  }
  return certificate;
}

Result<std::unique_ptr<CertificateSource>> CertificateSource::open(CertificateFiles files) {
  std::unique_ptr<CertificateSource> source(new CertificateSource(std::move(files)));
  if (Result<bool> read = source->refresh(); !read) return std::unexpected(read.error());
  return source;
}

Result<bool> CertificateSource::refresh() {
  Result<std::string> chain = readFile(files_.certificate);
  Result<std::string> key = readFile(files_.key);
  const Sensitive keyPem(key ? std::move(*key) : std::string());
  std::string content = sha256Hex(chain.value_or("")) + sha256Hex(keyPem.reveal());
  if (content == seen_) return false;
  seen_ = std::move(content);
  if (!chain) return std::unexpected(chain.error());
  if (!key) return std::unexpected(key.error());

  Result<Certificate> next = makeCertificate(*chain, keyPem);
  if (!next) {
    return std::unexpected(
        std::move(next.error()).in(fmt::format("{} with {}", files_.certificate, files_.key)));
  }
  *current_.access() = std::move(*next);
  return true;
}

Result<void> CertificateSource::valid(Time now) {
  const auto current = current_.access();
  if (now < current->notBefore) {
    return fail(ErrorKind::Invalid,
                "the serving certificate is not valid before " + formatTime(current->notBefore));
  }
  if (now >= current->notAfter) {
    return fail(ErrorKind::Invalid, "the serving certificate expired at " + formatTime(current->notAfter));
  }
  return {};
}

}  // namespace errand::serve
