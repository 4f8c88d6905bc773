// Digests, encodings and randomness, on OpenSSL.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace errand {

// Returns SHA-256 as 64 lower-case hexadecimal digits (FIPS 180-4).
std::string sha256Hex(std::string_view data);

// Base64 with padding (RFC 4648, section 4). Decoding fails with Invalid for any other text, also for spaces.
std::string base64Encode(std::string_view data);
Result<std::string> base64Decode(std::string_view text);

// Base64url without padding (RFC 4648, section 5), as JSON Web Tokens use it. Fails with Invalid.
Result<std::string> base64UrlDecode(std::string_view text);

// A generator of uniformly distributed 64-bit numbers. Tests replace it.
class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;
};

// Returns OpenSSL's generator. Safe to use from several threads.
Random& systemRandom();

}  // namespace errand
