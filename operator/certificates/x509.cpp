#include "operator/certificates/x509.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

#include "core/base/pem.hpp"

namespace errand::certificates {
namespace {

template <auto free>
struct Free {
  template <class T>
  void operator()(T* object) const {
    free(object);
  }
};
using NumberPtr = std::unique_ptr<BIGNUM, Free<BN_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>>;
using AltNames = std::unique_ptr<GENERAL_NAMES, Free<GENERAL_NAMES_free>>;

constexpr Seconds kBehind{60};    // for clocks that are behind
constexpr int kSerialBits = 127;  // positive, within the 20 octets of RFC 5280, 4.1.2.2

std::unexpected<Error> failed(const char* what) {
  return fail(ErrorKind::Internal, fmt::format("{}: {}", what, opensslReason("unknown")));
}

bool extend(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool setTime(ASN1_TIME* out, Time time) {
  return ASN1_TIME_set(out, std::chrono::floor<Seconds>(time).time_since_epoch().count()) != nullptr;
}

bool name(X509* certificate, const std::string& commonName) {
  return X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(commonName.c_str()), -1, -1,
                                    0) == 1;
}

// Returns a certificate with a serial number, times and a key, without names or a signature.
X509Ptr blank(EVP_PKEY* key, Time now, Time notAfter) {
  X509Ptr out(X509_new());
  const NumberPtr serial(BN_new());
  const bool done = out && serial &&
                    BN_rand(serial.get(), kSerialBits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
                    BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(out.get())) != nullptr &&
                    X509_set_version(out.get(), X509_VERSION_3) == 1 &&
                    setTime(X509_getm_notBefore(out.get()), now - kBehind) &&
                    setTime(X509_getm_notAfter(out.get()), notAfter) && X509_set_pubkey(out.get(), key) == 1;
  return done ? std::move(out) : nullptr;
}

Result<Pair> finish(X509* certificate, EVP_PKEY* key, EVP_PKEY* signer) {
  if (X509_sign(certificate, signer, EVP_sha256()) == 0) return failed("sign a certificate");
  Pair out{pemOf(certificate), pemOf(key)};
  if (out.certificate.empty() || out.key.empty()) return failed("write a certificate");
  return out;
}

std::string altName(const std::string& name) {
  in6_addr address{};
  const bool ip =
      inet_pton(AF_INET, name.c_str(), &address) == 1 || inet_pton(AF_INET6, name.c_str(), &address) == 1;
  return (ip ? "IP:" : "DNS:") + name;
}

std::string textOf(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::vector<std::string> namesOf(X509* certificate) {
  std::vector<std::string> out;
  const AltNames names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* one = sk_GENERAL_NAME_value(names.get(), i);
    if (one->type == GEN_DNS) out.push_back(textOf(one->d.dNSName));
    if (one->type != GEN_IPADD) continue;
    const std::string bytes = textOf(one->d.iPAddress);
    char text[INET6_ADDRSTRLEN] = {};
    const int family = bytes.size() == sizeof(in_addr) ? AF_INET : AF_INET6;
    if (inet_ntop(family, bytes.data(), text, sizeof text) != nullptr) out.emplace_back(text);
  }
  return out;
}

}  // namespace

Result<Pair> makeAuthority(Seconds life, Time now) {
  const KeyPtr key(EVP_EC_gen("P-256"));
  if (!key) return failed("make a key");
  const X509Ptr made = blank(key.get(), now, now + life);
  if (!made) return failed("make an authority");
  const NumberPtr serial(ASN1_INTEGER_to_BN(X509_get0_serialNumber(made.get()), nullptr));
  const std::unique_ptr<char, void (*)(char*)> digits(BN_bn2hex(serial.get()),
                                                      [](char* p) { OPENSSL_free(p); });
  const bool done = name(made.get(), fmt::format("errand-webhook-ca-{}", digits.get())) &&
                    X509_set_issuer_name(made.get(), X509_get_subject_name(made.get())) == 1 &&
                    extend(made.get(), made.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
                    extend(made.get(), made.get(), NID_key_usage, "critical,keyCertSign,cRLSign") &&
                    extend(made.get(), made.get(), NID_subject_key_identifier, "hash");
  if (!done) return failed("make an authority");
  return finish(made.get(), key.get(), key.get());
}

Result<Pair> makeServing(const Pair& authority, const std::vector<std::string>& names, Seconds life,
                         Time now) {
  const auto info = read(authority.certificate);
  if (!info) return std::unexpected(info.error());
  const X509Ptr issuer = readCertificate(authority.certificate);
  const KeyPtr signer = readKey(authority.key), key(EVP_EC_gen("P-256"));
  if (!signer || !key) return failed("make a key");
  const X509Ptr made = blank(key.get(), now, std::min(now + life, info->front().notAfter));
  std::vector<std::string> alternatives;
  for (const std::string& one : names) alternatives.push_back(altName(one));
  const bool done =
      made && name(made.get(), "errand-webhook") &&
      X509_set_issuer_name(made.get(), X509_get_subject_name(issuer.get())) == 1 &&
      extend(made.get(), issuer.get(), NID_basic_constraints, "critical,CA:FALSE") &&
      extend(made.get(), issuer.get(), NID_key_usage, "critical,digitalSignature") &&
      extend(made.get(), issuer.get(), NID_ext_key_usage, "serverAuth") &&
      extend(made.get(), issuer.get(), NID_authority_key_identifier, "keyid") &&
      extend(made.get(), issuer.get(), NID_subject_alt_name, fmt::format("{}", fmt::join(alternatives, ",")));
  if (!done) return failed("make a serving certificate");
  return finish(made.get(), key.get(), signer.get());
}

Result<std::vector<CertificateInfo>> read(std::string_view pem) {
  const PemCertificates all = readCertificates(pem);
  std::vector<CertificateInfo> out;
  for (const X509Ptr& one : all.certificates) {
    const Result<Time> end = readTime(X509_get0_notAfter(one.get()), "notAfter");
    if (!end) return std::unexpected(end.error());
    out.push_back({pemOf(one.get()), *end, namesOf(one.get())});
  }
  if (!all.whole || out.empty()) return fail(ErrorKind::Invalid, "no certificates in PEM");
  return out;
}

bool belongs(std::string_view certificatePem, const Sensitive& keyPem) {
  const X509Ptr certificate = readCertificate(certificatePem);
  const KeyPtr key = readKey(keyPem);
  const bool out = certificate && key && X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  return out;
}

bool signedBy(std::string_view certificatePem, std::string_view authorityPem) {
  const X509Ptr certificate = readCertificate(certificatePem);
  const X509Ptr authority = readCertificate(authorityPem);
  const bool out =
      certificate && authority && X509_verify(certificate.get(), X509_get0_pubkey(authority.get())) == 1;
  ERR_clear_error();
  return out;
}

}  // namespace errand::certificates
