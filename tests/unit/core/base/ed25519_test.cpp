#include "core/base/ed25519.hpp"

#include <gtest/gtest.h>

#include "core/base/crypto.hpp"

namespace errand {
namespace {

std::string bytes(std::string_view hex) {
  std::string out;
  for (size_t i = 0; i < hex.size(); i += 2)
    out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return out;
}

std::string pem(const char* what, const std::string& der) {
  return std::string("-----BEGIN ") + what + "-----\n" + base64Encode(der) + "\n-----END " + what + "-----\n";
}

// RFC 8032, section 7.1, test 2, in the wrapping of RFC 8410.
const std::string kSecret = bytes("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
const std::string kPublic = bytes("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
const std::string kPrivatePem = pem("PRIVATE KEY", bytes("302e020100300506032b657004220420") + kSecret);
const std::string kPublicPem = pem("PUBLIC KEY", bytes("302a300506032b6570032100") + kPublic);
const std::string kSignature = bytes(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");

TEST(Ed25519Test, SignsAsTheRfcSays) {
  const auto key = SigningKey::read(Sensitive(kPrivatePem));
  ASSERT_TRUE(key.has_value()) << key.error().message;
  EXPECT_EQ(key->sign("\x72").value(), kSignature);
  EXPECT_EQ(key->publicPem(), kPublicPem);
  EXPECT_EQ(key->id(), sha256Hex(kPublic).substr(0, 16));
}

TEST(Ed25519Test, AcceptsItsOwnSignatureAlone) {
  const auto keys = VerifyingKeys::read(kPublicPem).value();
  const std::string id = sha256Hex(kPublic).substr(0, 16);
  EXPECT_TRUE(keys.verify(id, "\x72", kSignature));
  EXPECT_FALSE(keys.verify(id, "\x73", kSignature));
  EXPECT_FALSE(keys.verify(id, "\x72", kSignature.substr(1)));
  EXPECT_FALSE(keys.verify(id, "\x72", ""));
  EXPECT_FALSE(keys.verify("0000000000000000", "\x72", kSignature));
}

TEST(Ed25519Test, OfManyKeysTheOneOfThatIdDecides) {
  const auto one = SigningKey::make().value(), other = SigningKey::make().value();
  const auto keys = VerifyingKeys::read(one.publicPem() + other.publicPem()).value();
  EXPECT_TRUE(keys.verify(other.id(), "text", other.sign("text").value()));
  EXPECT_FALSE(keys.verify(one.id(), "text", other.sign("text").value()));
  EXPECT_TRUE(keys.has(one.id()) && keys.has(other.id()) && !keys.has(""));
}

TEST(Ed25519Test, AKeyComesThroughPem) {
  const auto made = SigningKey::make().value();
  EXPECT_EQ(SigningKey::read(made.privatePem()).value().id(), made.id());
}

TEST(Ed25519Test, WhatIsNoKeyIsAnError) {
  EXPECT_FALSE(SigningKey::read(Sensitive("")).has_value());
  EXPECT_FALSE(SigningKey::read(Sensitive(kPublicPem)).has_value());
  EXPECT_TRUE(VerifyingKeys::read("").value().empty());
  EXPECT_FALSE(VerifyingKeys::read(kPublicPem + kPublicPem.substr(0, 60)).has_value());
  const std::string x25519 = pem("PUBLIC KEY", bytes("302a300506032b656e032100") + kPublic);
  EXPECT_FALSE(VerifyingKeys::read(x25519).has_value());
}

}  // namespace
}  // namespace errand
