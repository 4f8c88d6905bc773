#include "rules/literals/publicnames.hpp"

#include <algorithm>
#include <array>

namespace errand::rules {
namespace {

// Prefixes by which frameworks mark variables that they send to browsers.
constexpr auto kBrowserPrefixes =
    std::to_array<std::string_view>({"VITE_", "REACT_APP_", "VUE_APP_", "GATSBY_", "STORYBOOK_"});

// Parts of names of public values. Each counts only at the beginning of a word: PUBLIC_ does not match
// REPUBLIC_API_KEY.
constexpr auto kPublicParts = std::to_array<std::string_view>(
    {"PUBLIC_", "_PUBLIC", "PUBLISHABLE", "ANON_KEY", "SITE_KEY", "SITEKEY", "BROWSER_KEY", "ALGOLIA_SEARCH",
     "BROWSER_API_KEY", "CHECKSUM/", "FINGERPRINT", "GOOGLE_MAPS", "MAPS_API", "FIREBASE_API_KEY",
     "FIREBASE_WEB"});

// Words before _KEY, _SECRET and _TOKEN that mean no credential: keys of caches and databases, public keys,
// names of Secrets, and tokens of a model's vocabulary. Each list is sorted.
constexpr auto kOrdinaryKeys = std::to_array<std::string_view>(
    {"APT",         "AUTHORIZED",    "BUCKET",  "CACHE",       "COLUMN",      "CONFIG",
     "DEDUP",       "DEDUPLICATION", "FEATURE", "FLAG",        "FOREIGN",     "GPG",
     "GROUP",       "HASH",          "HOST",    "IDEMPOTENCY", "INDEX",       "INSTRUMENTATION",
     "KMS",         "LOCK",          "LOOKUP",  "MAP",         "MAPS",        "MEASUREMENT",
     "MESSAGE",     "MOBILE",        "OBJECT",  "ORDERING",    "PARTITION",   "PGP",
     "PRIMARY",     "PROJECT",       "PUB",     "RANGE",       "ROUTING",     "ROW",
     "S3",          "SHARD",         "SORT",    "STATE",       "TRANSLATION", "TRUSTED",
     "VERIFICATION"});
constexpr auto kOrdinarySecrets = std::to_array<std::string_view>(
    {"CA", "CERT", "CERTIFICATE", "EXISTING", "K8S", "KUBERNETES", "PULL", "TLS"});
constexpr auto kOrdinaryTokens = std::to_array<std::string_view>(
    {"BOS", "CLS", "CONTINUATION", "EOS", "EOT", "MASK", "NEXT", "PAD", "PAGE", "SEP", "STOP", "UNK"});

// True if `part` is in the name, at the beginning of the name or of a word.
bool hasWord(std::string_view capitals, std::string_view part) {
  for (size_t at = capitals.find(part); at != std::string_view::npos; at = capitals.find(part, at + 1))
    if (at == 0 || capitals[at - 1] == '_' || part.front() == '_') return true;
  return false;
}

// Returns the word before the last one: CACHE of TENANT_CACHE_KEY. Empty if the last word is not `last`.
std::string_view wordBefore(std::string_view capitals, std::string_view last) {
  if (capitals.size() <= last.size() + 1 || !capitals.ends_with(last)) return {};
  capitals.remove_suffix(last.size());
  if (capitals.back() != '_') return {};
  capitals.remove_suffix(1);
  return capitals.substr(capitals.rfind('_') + 1);  // without an underscore, npos + 1 is 0
}

}  // namespace

bool isPublicName(std::string_view capitals) {
  for (const std::string_view prefix : kBrowserPrefixes)
    if (capitals.starts_with(prefix)) return true;
  for (const std::string_view part : kPublicParts)
    if (hasWord(capitals, part)) return true;
  return std::ranges::binary_search(kOrdinaryKeys, wordBefore(capitals, "KEY")) ||
         std::ranges::binary_search(kOrdinaryKeys, wordBefore(capitals, "KEYS")) ||
         std::ranges::binary_search(kOrdinarySecrets, wordBefore(capitals, "SECRET")) ||
         std::ranges::binary_search(kOrdinaryTokens, wordBefore(capitals, "TOKEN"));
}

}  // namespace errand::rules
