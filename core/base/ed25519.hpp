// Signatures by Ed25519 (RFC 8032), on OpenSSL, with keys in PEM (RFC 8410).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/pem.hpp"
#include "core/base/result.hpp"
#include "core/base/sensitive.hpp"

namespace errand {

// A key is known by its id: the first 16 hexadecimal digits of the SHA-256 of the public key's 32 octets.

// Safe to use from several threads.
class SigningKey {
 public:
  static Result<SigningKey> make();
  // PKCS #8 in PEM. Invalid where it is no Ed25519 key, or is encrypted.
  static Result<SigningKey> read(const Sensitive& pem);

  const std::string& id() const { return id_; }
  // 64 octets.
  Result<std::string> sign(std::string_view text) const;

  Sensitive privatePem() const;
  std::string publicPem() const;

 private:
  explicit SigningKey(KeyPtr key);

  KeyPtr key_;
  std::string id_;
};

// Public keys that are accepted. Cheap to copy; safe to use from several threads.
class VerifyingKeys {
 public:
  // Any number of public keys (SubjectPublicKeyInfo), one after another. Invalid
  // where one cannot be read or is of another kind; none at all is no error.
  static Result<VerifyingKeys> read(std::string_view pem);

  bool empty() const { return keys_.empty(); }
  bool has(std::string_view id) const { return keys_.contains(id); }
  std::vector<std::string> ids() const;  // sorted
  bool verify(std::string_view id, std::string_view text, std::string_view signature) const;

 private:
  std::map<std::string, std::shared_ptr<EVP_PKEY>, std::less<>> keys_;
};

}  // namespace errand
