// Credentials of any issuer, found by their context: passwords in URLs and headers, registry logins, and
// tokens in kubeconfigs. After a name such as `password` or `api_key`, any text that looks random counts.
#include <algorithm>
#include <string>

#include "core/base/crypto.hpp"
#include "rules/literals/format.hpp"
#include "rules/literals/names.hpp"
#include "rules/literals/publicnames.hpp"
#include "rules/literals/randomness.hpp"
#include "rules/literals/values.hpp"

namespace errand::rules {
namespace {

// True for "user:password" in base64 (RFC 7617). The user may be empty. The password may be empty if the user
// looks random: some services expect a key as the user.
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

// False for the passwords in URLs of documentation: a word such as "password", text in brackets or in
// capitals, or a reference such as ${PW} or %(password)s.
bool isPassword(std::string_view text, std::string_view) {
  for (const std::string_view word :
       {"password", "Password", "passwd", "secret", "token", "pass", "pwd", "mypassword"})
    if (text == word) return false;
  const bool inCapitals =
      std::ranges::all_of(text, [](char c) { return (c >= 'A' && c <= 'Z') || c == '_' || c == '-'; });
  return !inCapitals && !isTemplate(text) && !isSketch(text) &&
         text.find_first_of("${}<>*") == std::string_view::npos && !text.starts_with("%(") &&
         text.find_first_not_of("x") != std::string_view::npos;
}

// Returns the name at the end of `before`: apiKey for …{"apiKey": "
std::string_view nameAtEnd(std::string_view before) {
  constexpr std::string_view kCharacters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./";
  before = before.substr(0, before.find_last_of(kCharacters) + 1);
  if (before.ends_with("base64")) {  // Laravel's APP_KEY=base64:…
    before.remove_suffix(std::string_view("base64").size());
    before = before.substr(0, before.find_last_of(kCharacters) + 1);
  }
  return before.substr(before.find_last_not_of(kCharacters) + 1);
}

// Returns the words of a name: API_KEY for apiKey, X_API_KEY for x-api-key.
std::string wordsOf(std::string_view name) {
  std::string out;
  for (size_t i = 0; i < name.size(); ++i) {
    const bool begins = i > 0 && name[i] >= 'A' && name[i] <= 'Z' && name[i - 1] >= 'a' && name[i - 1] <= 'z';
    if (begins) out += '_';
    out += name[i];
  }
  return inCapitals(out);
}

// False if the name ends with KEY or KEYS but not of a credential: in MONKEY it is no word, and a bare `key`
// may be that of a map. True for API_KEY and APIKEY, and for all other names.
bool isKeyName(std::string_view words) {
  if (words.ends_with('S')) words.remove_suffix(1);
  if (!words.ends_with("KEY")) return true;
  words.remove_suffix(3);
  if (words.ends_with('_')) return true;
  return std::ranges::any_of(
      std::to_array<std::string_view>({"API", "ACCESS", "SECRET", "AUTH", "MASTER", "PRIVATE", "SIGNING",
                                       "ENCRYPTION", "LICENSE", "ACCOUNT", "SHARED", "SERVICE"}),
      [&](std::string_view word) { return words.ends_with(word); });
}

// True if an ARN begins in `before` and has not ended. The name of a secret in an ARN ends with six random
// characters.
bool isInArn(std::string_view before) {
  const size_t arn = before.rfind("arn:");
  return arn != std::string_view::npos && before.find_first_of(" \n\"'", arn) == std::string_view::npos;
}

bool looksMade(std::string_view text) {
  return (looksRandom(text) && !isMadeOfWords(text)) || looksRandomInOneCase(text) || isHexInGroups(text);
}

// True for a path: one of its segments is a word in lower case. Base64 may contain slashes, but rarely words
// between them.
bool hasWordBetweenSlashes(std::string_view text) {
  const size_t least = text.starts_with('/') ? 3 : 4;
  if (text.find('/') == std::string_view::npos) return false;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find('/', begin), text.size());
    const std::string_view segment = text.substr(begin, end - begin);
    if (segment.size() >= least &&
        std::ranges::all_of(segment, [](char c) { return (c >= 'a' && c <= 'z') || c == '.'; }))
      return true;
    begin = end + 1;
  }
  return false;
}

bool isNamedSecret(std::string_view text, std::string_view before) {
  constexpr size_t kShort = 20;
  if (text.starts_with("AIza")) return false;  // the format google-api-key decides which of these are public
  if (isPublishable(text) || isAddress(text) || hasWordBetweenSlashes(text) || isInArn(before)) return false;
  const std::string_view name = nameAtEnd(before);
  const std::string words = wordsOf(name);
  if (!isKeyName(words) || isPublicName(words)) return false;
  if (text.size() < kShort) return looksRandom(text) && !isMadeOfWords(text);
  if (text.find('-') != std::string_view::npos && isHexInGroups(text))  // a UUID may identify anything
    return words.find('_') != std::string::npos || words.find("API") != std::string::npos || words == name;
  return looksMade(text);
}

bool isBearer(std::string_view text, std::string_view) { return looksMade(text); }

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
      {.id = "connection-string-password",
       .issuer = "connection string",
       .what = "password",
       .pattern =
           R"re((?i:\b(?:server|data source|host|user id|uid|user|username)\s*=\s*[^;\s&"']{1,100}[;\s&](?s:.{0,200}?)\b(?:password|pwd)\s*=\s*)["']?([^;\s&"']{3,100}))re",
       .anchors = {"password", "pwd"},
       .found = {"Server=db;User Id=app;Password=hunter2;Encrypt=true", "host=db user=app password=hunter2",
                 "jdbc:postgresql://db/app?user=app&password=<b62*12>"},
       .passed = {"host=db user=app password=$(PASSWORD)", "host=db user=app password=<password>",
                  "Server=db;User Id=app;Password=${DB_PASSWORD}", "name=db password=hunter2x"},
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
           R"re((?i:pass(?:word|wd|phrase|code)?|secret(?:_key_base)?|token|key|credential|pwd)(?i:s?)\\?["']?\s*[=:]\s*\\?["']?(?:base64:)?([0-9A-Za-z+/_.~-]{16,200}={0,2})(?:[\\"'\s,;&}]|$))re",
       .anchors = {"credential", "key", "pass", "pwd", "secret", "token"},
       .found = {"DB_PASSWORD=<b62*60>", "mistral_api_key: <b62*60>", R"({"clientSecret": "<b62*40>"})",
                 R"({\"apiKey\": \"<b62*40>\"})", "COHERE_API_KEY=<b62*40>", "SECRET=<hex*40>",
                 "SESSION_SECRET_KEY=<b62*44>", "ENCRYPTION_KEY=<hex*64>",
                 "APP_KEY=base64:<b64*43>=", "SECRET_KEY_BASE=<hex*128>", "SERVICE_TOKEN=<low*40>",
                 "ALLOWED_KEYS=<b62*44>", "CONSUL_TOKEN=<hex*8>-<hex*4>-<hex*4>-<hex*4>-<hex*12>",
                 "--api-key=<low*32>", "?password=<b62*40>&ssl=true"},
       .passed = {"TOKEN_FILE=/var/run/secrets/errand.dev/token",
                  "SECRET_NAME=payments-database-credentials",
                  "TOKEN=$(TOKEN)",
                  "token: <hex*8>-<hex*4>-<hex*4>-<hex*4>-<hex*12>",
                  "API_KEY_HELP=https://example.com/How-To-Get-1-Api-Key",
                  "IMAGE=<b62*40>",
                  "SECRET=my-Service-Account-In-Europe",
                  "PASSWORD_HASH_ALGORITHM=argon2id",
                  "SECRET=ThisIsTheNameOfMySecret",
                  "SECRET=DatabasePasswordOf2026Planner",
                  "SECRET=projects/481516234200/secrets/SigningSecret/versions/latest",
                  "arn:aws:secretsmanager:eu-west-1:123456789012:secret:<b62*40>",
                  "MONKEY=<b62*40>",
                  "key: <b62*40>",
                  "CACHE_KEY=<hex*64>",
                  "RECAPTCHA_SITE_KEY=<b62*40>",
                  "NEXT_PUBLIC_API_KEY=<b62*40>",
                  "GPG_KEY=<hex*40>",
                  "STRIPE_KEY=pk_live_<b62*24>",
                  "MAPBOX_TOKEN=pk.eyJ<b62*80>.<b62*22>",
                  "SECRET=deploymentOfTheYear2026"},
       .accept = isNamedSecret,
       .generic = true},
      {.id = "flag-secret",
       .issuer = "behind its flag",
       .what = "secret",
       .pattern =
           R"re(\s--?(?i:(?:[a-z0-9]+[-_]){0,5}(?:password|passphrase|pass|secret|token|key)) +["']?([0-9A-Za-z+/_.~-]{16,200}={0,2})(?:["'\s]|$))re",
       .anchors = {"key", "pass", "secret", "token"},
       .found = {"=tool --token <hex*40>", "run --api-key '<b62*40>' x", "a -client-secret <b62*60>"},
       .passed = {"tool --token $(TOKEN)", "tool --key-file /etc/tls/Server2026.key",
                  "tool --sort-key <b62*40>", "tool --secret-name <b62*40>", "the token <b62*40>"},
       .accept = isNamedSecret,
       .generic = true},
      {.id = "bearer-authorization",
       .issuer = "HTTP",
       .what = "bearer token",
       .pattern =
           R"re((?i:\bbearer|authorization\\?["']?\s*[=:]\s*\\?["']?(?:token|bot|key|apikey|api-key))(?:\s|%20)+["']?([0-9A-Za-z+/_.~-]{16,200}={0,2})(?:[\\"'\s,;&}\]]|$))re",
       .anchors = {"authorization", "bearer"},
       .found = {"Authorization: Bearer <b62*60>", R"({"Authorization": "Bearer <hex*40>"})",
                 "authorization=Bearer%20<hex*64>", "Authorization: token <hex*40>", "X=1 bearer <low*48>"},
       .passed = {"Authorization: Bearer $(TOKEN)", "Authorization: Bearer followed-by-the-access-token",
                  "Authorization: Bearer <b62*8>", "Authorization: Bearer xxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                  "forbearer <b62*60>"},
       .accept = isBearer,
       .generic = true},
  };
  return formats;
}

}  // namespace errand::rules
