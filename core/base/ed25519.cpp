#include "core/base/ed25519.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <memory>

#include "core/base/crypto.hpp"

namespace errand {
namespace {

struct ContextFree {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
struct OpensslBuffer {
  void operator()(void* data) const { OPENSSL_free(data); }
};
using ContextPtr = std::unique_ptr<EVP_MD_CTX, ContextFree>;

constexpr std::size_t kIdDigits = 16, kPublicOctets = 32, kSignatureOctets = 64;

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// Empty where the key is of another kind.
std::string idOf(EVP_PKEY* key) {
  std::array<unsigned char, kPublicOctets> raw{};
  std::size_t size = raw.size();
  if (key == nullptr || EVP_PKEY_id(key) != EVP_PKEY_ED25519 ||
      EVP_PKEY_get_raw_public_key(key, raw.data(), &size) != 1)
    return {};
  return sha256Hex({reinterpret_cast<const char*>(raw.data()), size}).substr(0, kIdDigits);
}

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

SigningKey::SigningKey(KeyPtr key) : key_(std::move(key)), id_(idOf(key_.get())) {}

Result<SigningKey> SigningKey::make() {
  KeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  if (!key) return fail(ErrorKind::Internal, "make a key: " + opensslReason("unknown"));
  return SigningKey(std::move(key));
}

Result<SigningKey> SigningKey::read(const Sensitive& pem) {
  SigningKey out(readKey(pem));
  if (out.id_.empty())
    return fail(ErrorKind::Invalid, "not an Ed25519 private key in PEM: " + opensslReason("another kind"));
  return out;
}

Result<std::string> SigningKey::sign(std::string_view text) const {
  const ContextPtr context(EVP_MD_CTX_new());
  std::string out(kSignatureOctets, '\0');
  std::size_t size = out.size();
  if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, octets(text),
                     text.size()) != 1)
    return fail(ErrorKind::Internal, "sign: " + opensslReason("unknown"));
  out.resize(size);
  return out;
}

Sensitive SigningKey::privatePem() const {
  return Sensitive(written([&](BIO* bio) {
    return PEM_write_bio_PKCS8PrivateKey(bio, key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
  }));
}

std::string SigningKey::publicPem() const {
  return written([&](BIO* bio) { return PEM_write_bio_PUBKEY(bio, key_.get()); });
}

Result<VerifyingKeys> VerifyingKeys::read(std::string_view pem) {
  VerifyingKeys out;
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  ERR_clear_error();
  char *name = nullptr, *header = nullptr;
  unsigned char* data = nullptr;
  for (long size = 0; PEM_read_bio(bio.get(), &name, &header, &data, &size) == 1;) {
    const std::unique_ptr<char, OpensslBuffer> itsName(name), itsHeader(header);
    const std::unique_ptr<unsigned char, OpensslBuffer> itsData(data);
    const unsigned char* at = data;
    KeyPtr key(std::string_view(name) == PEM_STRING_PUBLIC ? d2i_PUBKEY(nullptr, &at, size) : nullptr);
    std::string id = idOf(key.get());
    ERR_clear_error();
    if (id.empty()) return fail(ErrorKind::Invalid, "not a public key of Ed25519");
    out.keys_.emplace(std::move(id), std::shared_ptr<EVP_PKEY>(key.release(), OpensslFree()));
  }
  const bool whole = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const std::string reason = opensslReason("unreadable");
  if (!whole) return fail(ErrorKind::Invalid, "not public keys in PEM: " + reason);
  return out;
}

std::vector<std::string> VerifyingKeys::ids() const {
  std::vector<std::string> out;
  for (const auto& [id, key] : keys_) out.push_back(id);
  return out;
}

bool VerifyingKeys::verify(std::string_view id, std::string_view text, std::string_view signature) const {
  const auto key = keys_.find(id);
  if (key == keys_.end()) return false;
  const ContextPtr context(EVP_MD_CTX_new());
  const bool good =
      context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key->second.get()) == 1 &&
      EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(text), text.size()) == 1;
  ERR_clear_error();
  return good;
}

}  // namespace errand
