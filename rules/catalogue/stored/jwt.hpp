// Reads the claims of JSON Web Tokens without verifying them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace errand::rules {

// The claims of one token.
struct TokenClaims {
  std::string subject;
  std::optional<std::int64_t> issuedAt, expiresAt;  // seconds since 1970
  std::vector<std::string> audiences;
};

// Returns the claims of each token in the text that can be decoded.
std::vector<TokenClaims> tokensIn(std::string_view text);

}  // namespace errand::rules
