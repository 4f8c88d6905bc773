#include "rules/literals/values.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace errand::rules {
namespace {

constexpr size_t npos = std::string_view::npos;

// Schemes of references that init containers, wrappers and templating tools resolve.
constexpr auto kSchemes = std::to_array<std::string_view>({"vault:",
                                                           "op://",
                                                           "sm://",
                                                           "ref+",
                                                           "secretref:",
                                                           "awssm://",
                                                           "awsps://",
                                                           "aws-sm:",
                                                           "aws-ps:",
                                                           "ssm:/",
                                                           "ssm://",
                                                           "aws-ssm:",
                                                           "gcp://",
                                                           "gcpsm://",
                                                           "gsm:",
                                                           "azkv://",
                                                           "akv://",
                                                           "azurekeyvault://",
                                                           "bws://",
                                                           "bao:",
                                                           "openbao:",
                                                           "doppler://",
                                                           "infisical://",
                                                           "keeper://",
                                                           "env:",
                                                           "file:",
                                                           "secret://",
                                                           "secrets://",
                                                           "k8s://",
                                                           "kubernetes://",
                                                           "awssecrets:",
                                                           "conjur:",
                                                           "akeyless:",
                                                           "keyring:",
                                                           "aws-secretsmanager:",
                                                           "aws:secretsmanager:",
                                                           "<path:",
                                                           "berglas:",
                                                           "hashivault:",
                                                           "pass://",
                                                           "gcp:secretmanager:",
                                                           "secretsmanager:"});

constexpr auto kPlaceholderWords = std::to_array<std::string_view>(
    {"example",    "placeholder", "redacted",  "changeme",      "change-me",     "change_me",  "your-",
     "your_",      "yourpass",    "dummy-",    "insert-",       "insert_",       "0123456789", "1234567890",
     "replace-me", "replace_me",  "deadbeef",  "12345678-1234", "123e4567-e89b", "abcdefgh",   "goes-here",
     "your.",      "yourkey",     "yourtoken", "yoursecret",    "fill-me",       "my-api-key", "my_api_key"});

constexpr auto kTemplateWords =
    std::to_array<std::string_view>({"placeholder", "redacted", "your-", "your_", "replace_me", "replace-me",
                                     "replaceme", "replace_with", "replace-with", "fill-me", "fill_me"});

constexpr auto kNoKeys = std::to_array<std::string_view>(
    {"none",        "null",       "nil",        "empty",     "dummy",    "fake",   "na",
     "n/a",         "not-needed", "not_needed", "notneeded", "not-used", "unused", "no-key",
     "nokey",       "not-set",    "unset",      "undefined", "changeme", "todo",   "fixme",
     "tbd",         "api-key",    "api_key",    "apikey",    "token",    "secret", "sk-no-key-required",
     "not-required"});
constexpr auto kNoKeyStarts =
    std::to_array<std::string_view>({"dummy-", "dummy_", "fake-", "fake_", "mock-", "mock_", "test-key",
                                     "test_key", "sample-", "sample_", "example-", "example_"});

// The forms of Stripe, Clerk, Supabase, PostHog, Mapbox, Langfuse, Plaid,
// LaunchDarkly, Flutterwave, ImageKit.
constexpr std::array<std::string_view, 11> kPublishable = {"pk_live_", "pk_test_", "sb_publishable_", "phc_",
                                                           "pk.eyJ",   "pk-lf-",   "public-",         "mob-",
                                                           "FLWPUBK",  "public_",  "pk_prod"};

constexpr size_t kLongestScheme = std::ranges::max(kSchemes, {}, &std::string_view::size).size();

bool isNameCharacter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
         c == '-';
}

bool isName(std::string_view text) { return !text.empty() && std::ranges::all_of(text, isNameCharacter); }

// Returns the length of the reference at the start of `text`; 0 if there is none.
size_t referenceAt(std::string_view text) {
  const auto until = [&](size_t from, std::string_view end) {
    const size_t at = text.find(end, from);
    return at == npos ? size_t{0} : at + end.size();
  };
  if (text.starts_with("$(")) {
    const size_t end = until(2, ")");
    return end != 0 && isName(text.substr(2, end - 3)) ? end : 0;
  }
  if (text.starts_with("${{")) return until(3, "}}");
  if (text.starts_with("${")) {
    const size_t end = until(2, "}");
    if (end == 0) return 0;
    const std::string_view inside = text.substr(2, end - 3);
    const size_t colon = inside.find(':');
    if (colon == npos) return isName(inside) ? end : 0;
    const bool plain = inside.substr(colon) == ":-" || inside.substr(colon).starts_with(":?");
    return isName(inside.substr(0, colon)) && plain ? end : 0;
  }
  if (text.starts_with("{{")) return until(2, "}}");
  if (text.starts_with("<<")) return until(2, ">>");
  if (text.starts_with("#{")) return until(2, text.ends_with('#') ? "}#" : "}");
  if (text.starts_with("<%")) return until(2, "%>");
  if (text.starts_with("@@")) return until(2, "@@");
  if (text.starts_with("%(")) return until(2, ")s");
  const auto capitals = [&](size_t from) {
    size_t at = from;
    while (at < text.size() && ((text[at] >= 'A' && text[at] <= 'Z') || text[at] == '_' ||
                                (at > from && text[at] >= '0' && text[at] <= '9')))
      ++at;
    return at;
  };
  if (text.starts_with('$') && capitals(1) > 1) return capitals(1);
  if (text.starts_with('%') && capitals(1) > 1 && text.substr(capitals(1)).starts_with('%'))
    return capitals(1) + 1;
  return 0;
}

bool isHex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  });
}

bool isBetween(std::string_view value, char first, char last) {
  return value.size() > 2 && value.front() == first && value.back() == last;
}

}  // namespace

std::string lowerOf(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

bool isReference(std::string_view value) {
  if (value.starts_with("ENC[") && value.ends_with(']')) return true;  // encrypted by SOPS
  if (value.starts_with("@Microsoft.KeyVault(") && value.ends_with(')')) return true;
  if (value.find(' ') == npos) {
    const std::string lower = lowerOf(value.substr(0, kLongestScheme));
    for (const std::string_view scheme : kSchemes)
      if (value.size() > scheme.size() && lower.starts_with(scheme)) return true;
  }
  bool any = false;
  for (size_t at = 0; at < value.size();) {
    if (const size_t size = referenceAt(value.substr(at)); size != 0) {
      any = true;
      at += size;
    } else if (std::string_view("-_.:/@,; \n").find(value[at]) != npos) {
      ++at;
    } else {
      return false;
    }
  }
  return any;
}

bool isResourceName(std::string_view value) {
  if (value.starts_with("arn:") || value.starts_with("ocid1.") || value.starts_with("projects/") ||
      value.starts_with("/subscriptions/"))
    return true;
  return value.starts_with("https://") &&
         (value.find(".vault.azure.net/") != npos || value.find(".managedhsm.azure.net/") != npos);
}

bool isAddress(std::string_view value) {
  constexpr size_t kAddress = 42;
  return value.size() == kAddress && value.starts_with("0x") && isHex(value.substr(2));
}

bool isPath(std::string_view value) {
  return value.starts_with('/') || value.starts_with("./") || value.starts_with("~/") ||
         value.starts_with("C:\\");
}

bool isTemplate(std::string_view value) {
  if (value.size() > 4 && value.starts_with("__") && value.ends_with("__")) return true;
  if (isBetween(value, '<', '>')) return true;
  const std::string lower = lowerOf(value);
  if (lower.find_first_not_of("x-_") == npos && lower.starts_with("xxx")) return true;
  return std::ranges::any_of(kTemplateWords, [&](std::string_view word) { return lower.find(word) != npos; });
}

bool isSketch(std::string_view value) {
  if ((isBetween(value, '[', ']') || isBetween(value, '{', '}')) && value.find('"') == npos) return true;
  if (value.find("...") != npos || value.find("***") != npos) return true;
  return lowerOf(value).find("xxxxxx") != npos;
}

bool isNoKey(std::string_view value) {
  const std::string lower = lowerOf(value);
  return std::ranges::find(kNoKeys, lower) != kNoKeys.end() ||
         std::ranges::any_of(kNoKeyStarts, [&](std::string_view start) { return lower.starts_with(start); });
}

// A random base-62 key of 20 characters has such a run or word with a probability below one in a million.
bool isPlaceholder(std::string_view text) {
  constexpr size_t kLongRun = 6;
  const std::string lower = lowerOf(text);
  for (const std::string_view word : kPlaceholderWords)
    if (lower.find(word) != npos) return true;
  size_t run = 0;
  for (size_t i = 0; i < lower.size(); ++i) {
    run = i > 0 && lower[i] == lower[i - 1] ? run + 1 : 1;
    if (run == kLongRun) return true;
  }
  return false;
}

bool isPublishable(std::string_view value) {
  constexpr size_t kClientToken = 35;  // Datadog's: pub and 32 hexadecimal digits
  if (value.size() == kClientToken && value.starts_with("pub") && isHex(value.substr(3))) return true;
  return std::ranges::any_of(kPublishable, [&](std::string_view start) {
    return value.size() > start.size() + 8 && value.starts_with(start);
  });
}

}  // namespace errand::rules
