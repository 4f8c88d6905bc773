// Credentials of any issuer, found by their place: passwords in URLs and headers, registry logins and tokens
// in kubeconfigs. Behind a name such as `password` or `api_key`, any text that looks random counts.
#include <string>

#include "core/base/crypto.hpp"
#include "rules/literals/format.hpp"
#include "rules/literals/randomness.hpp"

namespace errand::rules {
namespace {

// True for "user:password" in base64 (RFC 7617). Some services expect a key as the password without a user,
// others as the user without a password.
bool isLogin(std::string_view text, std::string_view) {
  const auto decoded = base64Decode(text);
  if (!decoded) return false;
  const size_t colon = decoded->find(':');
  if (colon == std::string::npos) return false;
  if (colon + 1 == decoded->size() && !looksRandom(std::string_view(*decoded).substr(0, colon))) return false;
  for (const unsigned char c : *decoded)
    if (c < 0x20 || c >= 0x7f) return false;
  return true;
}

bool isPassword(std::string_view text, std::string_view) {
  for (const std::string_view word :
       {"password", "PASSWORD", "Password", "passwd", "secret", "token", "pass"})
    if (text == word) return false;
  return text.find_first_of("${}<>*") == std::string_view::npos;
}

bool isKey(std::string_view text, std::string_view) { return looksRandom(text); }

}  // namespace

std::span<const Format> genericFormats() {
  static const std::vector<Format> formats = {
      {.id = "url-password",
       .issuer = "URL",
       .what = "password",
       .pattern = R"(\b[a-z][a-z0-9+.-]{1,30}://[^\s:/?#@"']{0,100}:([^\s:/?#@"']{3,200})@[0-9A-Za-z\[])",
       .anchors = {"://"},
       .beforeAt = true,
       .found = {"postgres://app:<b62*12>@db.example.com:5432/app", "https://x:hunter2!@example.org/",
                 "redis://:<b62*8>@cache:6379/0", "amqp://u:<url*16>@mq"},
       .passed = {"postgres://app:$(PASSWORD)@db", "postgres://app:password@db",
                  "https://example.org:8080/a@b", "postgres://app:${PW}@db", "git@github.com:acme/app.git",
                  "https://user:<password>@host", "postgres://app@db/app"},
       .accept = isPassword,
       .generic = true},
      {.id = "basic-authorization",
       .issuer = "HTTP",
       .what = "Basic authorization",
       .pattern = R"re((?i:authorization)["']?\s*[=:]\s*["']?(?i:basic)\s+([0-9A-Za-z+/]{8,}={0,2}))re",
       .anchors = {"authorization"},
       .found = {"Authorization: Basic dXNlcjpodW50ZXIy", R"("authorization": "Basic YWxpY2U6czNjcjN0IQ==")",
                 "Authorization: Basic Omh1bnRlcjJodW50ZXIy",           // :hunter2hunter2
                 "Authorization: Basic dXNlcjp0d28gd29yZHM=",           // user:two words
                 "Authorization: Basic WGsyOWZqVzBxTG1aN2FQZHUzVHk6"},  // Xk29fjW0qLmZ7aPdu3Ty:
       .passed = {"Authorization: Basic $(LOGIN)", "Authorization: Basic bm90YWxvZ2lu",
                  "Authorization: Basic dXNlcm5hbWU6",      // username:
                  "Authorization: Basic dXMBZXI6cGFzcw==",  // us\x01er:pass
                  "Authorization: Basic dXNlcjp/cGFzcw==",  // user:\x7fpass
                  "Authorization: Basic dXNlcjpw/2Fzcw==",  // user:p\xffass
                  "Authorization: Bearer x"},
       .accept = isLogin,
       .generic = true},
      {.id = "registry-login",
       .issuer = "Docker configuration",
       .what = "registry login",
       .pattern = R"re(\\?"auth\\?"\s*:\s*\\?"([0-9A-Za-z+/]{8,}={0,2})\\?")re",
       .anchors = {"\"auth"},
       .found = {R"({"auths":{"r.example.com":{"auth":"dXNlcjpodW50ZXIy"}}})",
                 R"({\"auth\": \"dXNlcjpodW50ZXIy\"})"},
       .passed = {R"({"auth":"bm90YWxvZ2lu"})", R"({"auth":"oauth2"})", R"({"auth": ""})"},
       .accept = isLogin,
       .generic = true},
      {.id = "kubeconfig-token",
       .issuer = "Kubernetes",
       .what = "kubeconfig's token",
       .pattern = R"re((?s)\bkind["']?:\s*["']?Config\b.*?\btoken["']?:\s*["']?([0-9A-Za-z._-]{20,}))re",
       .anchors = {"token"},
       .found = {"apiVersion: v1\nkind: Config\nusers:\n- name: a\n  user:\n    token: <b62*32>\n",
                 R"({"kind":"Config","users":[{"user":{"token":"<low*6>.<low*16>"}}]})"},
       .passed =
           {"kind: Config\nusers:\n- name: a\n  user:\n    tokenFile: /var/run/secrets/errand.dev/token\n",
            "kind: ConfigMap\ntoken: <low*32>\n"},
       .generic = true},
      {.id = "named-secret",
       .issuer = "behind its name",
       .what = "secret",
       .pattern =
           R"re((?i:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|auth[_-]?key|credentials?)["']?\s*[=:]\s*["']?([0-9A-Za-z+/_.~-]{20,200}={0,2})(?:["'\s,;&}]|$))re",
       .anchors = {"credential", "key", "passphrase", "passwd", "password", "secret", "token"},
       .found = {"DB_PASSWORD=<b62*60>", "mistral_api_key: <b62*60>", R"({"clientSecret": "<b62*40>"})",
                 "COHERE_API_KEY=<b62*40>"},
       .passed = {"TOKEN_FILE=/var/run/secrets/errand.dev/token", "SECRET_NAME=payments-database-credentials",
                  "TOKEN=$(TOKEN)", "SECRET=<hex*40>", "token: 123e4567-e89b-12d3-a456-426614174000",
                  "API_KEY_HELP=https://example.com/How-To-Get-1-Api-Key", "IMAGE=<b62*40>",
                  "SECRET=my-Service-Account-In-Europe", "PASSWORD_HASH_ALGORITHM=argon2id",
                  "SECRET=ThisIsTheNameOfMySecret"},
       .accept = isKey,
       .generic = true},
  };
  return formats;
}

}  // namespace errand::rules
