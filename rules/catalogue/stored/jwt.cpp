#include "rules/catalogue/stored/jwt.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/api/accounts.hpp"
#include "core/base/crypto.hpp"
#include "core/json/value.hpp"

namespace errand::rules {
namespace {

using nlohmann::json;

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr size_t kLargestClaims = 16384;

std::optional<std::int64_t> seconds(const json& claims, const char* name) {
  const auto it = claims.find(name);
  if (it == claims.end() || !it->is_number()) return std::nullopt;
  const double value = it->get<double>();
  constexpr double kFarAway = 1e15;  // beyond any date, and safe to convert
  return std::abs(value) < kFarAway ? std::optional(static_cast<std::int64_t>(value)) : std::nullopt;
}

std::optional<TokenClaims> claimsOf(std::string_view payload) {
  if (payload.size() > kLargestClaims) return std::nullopt;
  const auto decoded = base64UrlDecode(payload);
  if (!decoded) return std::nullopt;
  const auto parsed = parseJson(*decoded);
  TokenClaims out;
  if (!parsed) {
    // Other readers may accept a token that the strict parser rejects. It then counts as a service account's
    // token without an end.
    if (!decoded->contains(api::kAccountUserPrefix)) return std::nullopt;
    out.subject = api::kAccountUserPrefix;
    return out;
  }
  const json& claims = *parsed;
  if (!claims.is_object()) return std::nullopt;
  if (const auto it = claims.find("sub"); it != claims.end() && it->is_string())
    out.subject = it->get<std::string>();
  // The claim is one text or a list (RFC 7519, section 4.1.3).
  if (const auto it = claims.find("aud"); it != claims.end() && it->is_string())
    out.audiences.push_back(it->get<std::string>());
  else if (it != claims.end() && it->is_array())
    for (const json& audience : *it)
      if (audience.is_string()) out.audiences.push_back(audience.get<std::string>());
  out.issuedAt = seconds(claims, "iat");
  out.expiresAt = seconds(claims, "exp");
  return out;
}

}  // namespace

std::vector<TokenClaims> tokensIn(std::string_view text) {
  std::vector<TokenClaims> out;
  for (size_t at = text.find("eyJ"); at != std::string_view::npos; at = text.find("eyJ", at + 3)) {
    const size_t dot = text.find_first_not_of(kAlphabet, at);
    if (dot == std::string_view::npos || text[dot] != '.') {
      at = dot == std::string_view::npos ? text.size() - 3 : dot - 3;
      continue;
    }
    const size_t end = std::min(text.find_first_not_of(kAlphabet, dot + 1), text.size());
    if (auto claims = claimsOf(text.substr(dot + 1, end - dot - 1))) out.push_back(std::move(*claims));
    at = dot - 2;
  }
  return out;
}

}  // namespace errand::rules
