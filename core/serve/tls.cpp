#include "core/serve/tls.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>

#include "core/base/crypto.hpp"
#include "core/base/file.hpp"
#include "core/base/pem.hpp"

namespace errand::serve {
namespace {

std::string reason() { return opensslReason("unreadable"); }

int chooseProtocol(SSL*, const unsigned char** out, unsigned char* outSize, const unsigned char* in,
                   unsigned inSize, void*) {
  static constexpr std::array<unsigned char, 9> kHttp11 = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* chosen = nullptr;
  const int outcome = SSL_select_next_proto(&chosen, outSize, kHttp11.data(), kHttp11.size(), in, inSize);
  *out = chosen;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// A context, and the data that its callbacks read.
struct Held {
  ~Held() { SSL_CTX_free(context); }
  SSL_CTX* context = nullptr;
  std::string clientName;
};

// Replaces OpenSSL's own verification, which does not check the name.
int verifyClient(X509_STORE_CTX* store, void* expected) {
  if (X509_verify_cert(store) != 1) return 0;
  X509_NAME* const subject = X509_get_subject_name(X509_STORE_CTX_get0_cert(store));
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  const bool alone = at >= 0 && X509_NAME_get_index_by_NID(subject, NID_commonName, at) < 0;
  const ASN1_STRING* const name =
      alone ? X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)) : nullptr;
  const auto& want = *static_cast<const std::string*>(expected);
  if (name != nullptr && std::string_view(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name)),
                                          static_cast<std::size_t>(ASN1_STRING_length(name))) == want) {
    return 1;
  }
  X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
  return 0;
}

Result<void> askForClients(Held& held, const ClientAuthority& clients) {
  X509StorePtr store(X509_STORE_new());
  const PemCertificates authorities = readCertificates(clients.pem);
  for (const X509Ptr& authority : authorities.certificates) X509_STORE_add_cert(store.get(), authority.get());
  ERR_clear_error();
  if (authorities.certificates.empty())
    return fail(ErrorKind::Invalid, "clients' authority: no certificate in PEM");
  held.clientName = clients.commonName;
  SSL_CTX_set_cert_store(held.context, store.release());
  SSL_CTX_set_purpose(held.context, X509_PURPOSE_SSL_CLIENT);
  SSL_CTX_set_verify(held.context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_cert_verify_callback(held.context, verifyClient, &held.clientName);
  // OpenSSL requires it to resume sessions of verified clients. A resumed session keeps the client's
  // identity.
  static constexpr unsigned char kContext[] = "errand";
  SSL_CTX_set_session_id_context(held.context, kContext, sizeof kContext);
  return {};
}

Result<TlsContext> makeContext(const std::optional<ClientAuthority>& clients) {
  const auto held = std::make_shared<Held>();
  held->context = SSL_CTX_new(TLS_server_method());
  TlsContext context(held, held->context);
  if (!context) return fail(ErrorKind::Internal, "TLS context: " + reason());
  SSL_CTX* const raw = context.get();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_options(raw, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                               SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(
      raw, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // One read fetches all records that have arrived, instead of two reads for each record.
  SSL_CTX_set_read_ahead(raw, 1);
  // Sessions are resumed by tickets, so that a disconnected client costs no memory.
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(raw, 1);
  SSL_CTX_set_alpn_select_cb(raw, chooseProtocol, nullptr);
  if (SSL_CTX_set_cipher_list(raw, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1 ||
      SSL_CTX_set1_groups_list(raw, "X25519:P-256:P-384") != 1) {
    return fail(ErrorKind::Internal, "TLS ciphers: " + reason());
  }
  if (clients) {
    if (Result<void> asked = askForClients(*held, *clients); !asked) return std::unexpected(asked.error());
  }
  return context;
}

Result<void> useChain(SSL_CTX* context, std::string_view pem, Certificate& out) {
  const PemCertificates chain = readCertificates(pem);
  if (chain.certificates.empty()) return fail(ErrorKind::Invalid, "certificate: " + chain.reason);
  const X509Ptr& leaf = chain.certificates.front();
  if (SSL_CTX_use_certificate(context, leaf.get()) != 1)
    return fail(ErrorKind::Invalid, "certificate: " + reason());
  for (size_t i = 1; i < chain.certificates.size(); ++i)
    if (SSL_CTX_add1_chain_cert(context, chain.certificates[i].get()) != 1)
      return fail(ErrorKind::Invalid, "certificate chain: " + reason());
  if (!chain.whole) return fail(ErrorKind::Invalid, "certificate chain: " + chain.reason);
  // Checks every certificate, because clients reject a chain in which a certificate has a malformed time.
  for (const X509Ptr& one : chain.certificates) {
    const Result<Time> from = readTime(X509_get0_notBefore(one.get()), "notBefore");
    if (!from) return std::unexpected(from.error());
    const Result<Time> until = readTime(X509_get0_notAfter(one.get()), "notAfter");
    if (!until) return std::unexpected(until.error());
    if (one != leaf) continue;
    out.notBefore = *from;
    out.notAfter = *until;
  }
  return {};
}

}  // namespace

Result<Certificate> makeCertificate(std::string_view chainPem, const Sensitive& keyPem,
                                    const std::optional<ClientAuthority>& clients) {
  ERR_clear_error();
  Result<TlsContext> context = makeContext(clients);
  if (!context) return std::unexpected(context.error());
  Certificate certificate;
  certificate.context = std::move(*context);
  certificate.chain = chainPem;
  if (Result<void> used = useChain(certificate.context.get(), chainPem, certificate); !used) {
    return std::unexpected(used.error());
  }
  const KeyPtr key = readKey(keyPem);
  if (!key) return fail(ErrorKind::Invalid, "private key: " + reason());
  if (SSL_CTX_use_PrivateKey(certificate.context.get(), key.get()) != 1 ||
      SSL_CTX_check_private_key(certificate.context.get()) != 1) {
    return fail(ErrorKind::Invalid, "private key: " + reason());
  }
  return certificate;
}

Result<void> verifyChain(std::string_view chainPem, std::string_view bundlePem, Time now) {
  const X509StorePtr store(X509_STORE_new());
  const std::unique_ptr<STACK_OF(X509), void (*)(STACK_OF(X509)*)> others(
      sk_X509_new_null(), [](STACK_OF(X509) * stack) { sk_X509_pop_free(stack, X509_free); });
  const std::unique_ptr<X509_STORE_CTX, void (*)(X509_STORE_CTX*)> context(X509_STORE_CTX_new(),
                                                                           X509_STORE_CTX_free);
  const PemCertificates bundle = readCertificates(bundlePem);
  for (const X509Ptr& authority : bundle.certificates) X509_STORE_add_cert(store.get(), authority.get());
  std::vector<X509Ptr> chain = readCertificates(chainPem).certificates;
  const X509Ptr leaf = chain.empty() ? nullptr : std::move(chain.front());
  for (size_t i = 1; i < chain.size(); ++i) sk_X509_push(others.get(), chain[i].release());
  ERR_clear_error();
  if (!leaf || X509_STORE_CTX_init(context.get(), store.get(), leaf.get(), others.get()) != 1)
    return fail(ErrorKind::Invalid, "the serving certificate cannot be read");
  X509_STORE_CTX_set_time(context.get(), 0, std::chrono::system_clock::to_time_t(now));
  X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_SERVER);
  // Treats each certificate of the pool as a trust anchor, like Go's verifier.
  X509_STORE_CTX_set_flags(context.get(), X509_V_FLAG_PARTIAL_CHAIN);
  const bool good = X509_verify_cert(context.get()) == 1;
  ERR_clear_error();
  if (good) return {};
  return fail(ErrorKind::Invalid,
              fmt::format("the serving certificate does not verify against the caBundle: {}",
                          X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()))));
}

Result<std::unique_ptr<CertificateSource>> CertificateSource::open(CertificateFiles files) {
  std::unique_ptr<CertificateSource> source(new CertificateSource(std::move(files)));
  if (Result<bool> read = source->refresh(); !read) return std::unexpected(read.error());
  return source;
}

Result<bool> CertificateSource::refresh() {
  Result<std::string> chain = readFile(files_.certificate);
  const Result<Sensitive> key = readSecretFile(files_.key);
  Result<std::string> authority = files_.clientCa.empty() ? std::string() : readFile(files_.clientCa);
  std::string content =
      sha256Hex(chain.value_or("")) + sha256Hex(key ? key->reveal() : "") + sha256Hex(authority.value_or(""));
  if (content == seen_) return false;
  seen_ = std::move(content);
  if (!chain) return std::unexpected(chain.error());
  if (!key) return std::unexpected(key.error());
  if (!authority) return std::unexpected(authority.error());

  std::optional<ClientAuthority> clients;
  if (!files_.clientCa.empty()) clients = {std::move(*authority), files_.clientName};
  Result<Certificate> next = makeCertificate(*chain, *key, clients);
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
