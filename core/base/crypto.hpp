// Digests, encodings and randomness, on OpenSSL.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace errand {

// Returns SHA-256 as 64 lower-case hexadecimal digits (FIPS 180-4).
std::string sha256Hex(std::string_view data);

// Base64 with padding (RFC 4648, section 4).
std::string base64Encode(std::string_view data);
Result<std::string> base64Decode(std::string_view text);

// Base64url without padding (RFC 4648, section 5), as JSON Web Tokens use it.
Result<std::string> base64UrlDecode(std::string_view text);

// Returns uniformly distributed numbers of the system's generator. Tests replace it.
class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;
};

// Safe to use from several threads.
Random& systemRandom();

}  // namespace errand
