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

// Returns the claims of each token in the text. Skips a token that cannot be decoded, or has more than 16,384
// characters of claims. If the claims are no strict JSON but name a service account, returns
// "system:serviceaccount:" as the subject and no times, because other readers may accept such a token.
std::vector<TokenClaims> tokensIn(std::string_view text);

}  // namespace errand::rules
