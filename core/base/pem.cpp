#include "core/base/pem.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <utility>

namespace errand {
namespace {

BioPtr memory(std::string_view text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Prevents OpenSSL from prompting for a passphrase on the terminal.
int noPassphrase(char*, int, int, void*) { return 0; }

X509Ptr readNext(BIO* bio) { return X509Ptr(PEM_read_bio_X509(bio, nullptr, noPassphrase, nullptr)); }

// Returns the text that `write` has written into a BIO in memory, and wipes the BIO.
template <class Write>
std::string written(Write write) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (!bio || write(bio.get()) != 1) return {};
  char* data = nullptr;
  const auto size = static_cast<std::size_t>(BIO_get_mem_data(bio.get(), &data));
  std::string out(data, size);
  OPENSSL_cleanse(data, size);
  return out;
}

}  // namespace

void OpensslFree::operator()(BIO* bio) const { BIO_free_all(bio); }
void OpensslFree::operator()(X509* certificate) const { X509_free(certificate); }
void OpensslFree::operator()(X509_STORE* store) const { X509_STORE_free(store); }
void OpensslFree::operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }

std::string opensslReason(std::string_view otherwise) {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* text = code == 0 ? nullptr : ERR_reason_error_string(code);
  return std::string(text == nullptr ? otherwise : text);
}

PemCertificates readCertificates(std::string_view pem) {
  PemCertificates out;
  const BioPtr bio = memory(pem);
  ERR_clear_error();
  while (X509Ptr one = readNext(bio.get())) out.certificates.push_back(std::move(one));
  out.whole = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  out.reason = opensslReason("unreadable");
  return out;
}

X509Ptr readCertificate(std::string_view pem) {
  X509Ptr out = readNext(memory(pem).get());
  ERR_clear_error();
  return out;
}

Result<Time> readTime(const ASN1_TIME* time, std::string_view which) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1)
    return fail(ErrorKind::Invalid, fmt::format("certificate: bad {}", which));
  return Time(Seconds(timegm(&parts)));
}

KeyPtr readKey(const Sensitive& pem) {
  return KeyPtr(PEM_read_bio_PrivateKey(memory(pem.reveal()).get(), nullptr, noPassphrase, nullptr));
}

std::string pemOf(const X509* certificate) {
  return written([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}

Sensitive pemOf(const EVP_PKEY* key) {
  return Sensitive(written([&](BIO* bio) {
    return PEM_write_bio_PKCS8PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  }));
}

}  // namespace errand
