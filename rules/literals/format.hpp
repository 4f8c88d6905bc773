// The format of one kind of credential, as data.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace errand::rules {

// A label with this many characters of [0-9A-Za-z_-] before a dot is unusually long for the DNS name of a
// service.
constexpr std::size_t kLongLabel = 24;

// A format of credentials, with its pattern and examples.
struct Format {
  std::string_view id;      // kebab-case, unique
  std::string_view issuer;  // "GitHub"
  std::string_view what;    // "access token"
  // An RE2 pattern. Its first group is the credential. An environment variable is searched as NAME=value, so
  // a pattern can require a name. A pattern that must see the end of the credential matches the next
  // character, because RE2 has no lookahead.
  std::string_view pattern;
  // Every text that the pattern matches contains one of these. The scanner skips all other texts without
  // running the pattern. Each anchor is ASCII without capitals, at least three characters long; the search
  // ignores case. If the list is empty, each text that the pattern matches contains a label of kLongLabel
  // characters before a dot.
  std::vector<std::string_view> anchors;
  // True if each text that the pattern matches also contains an @ after the anchor.
  bool beforeAt = false;
  // Examples that must be found, and examples that must not. A placeholder keeps keys out of this repository:
  // `<b62*36>` stands for 36 pseudo-random characters of a class (dec, hex, low, b32, b62, b64, url). `<crc>`
  // stands for the checksum of the classes before it.
  std::vector<std::string_view> found, passed;
  // An optional test of a match, such as a checksum. The scanner skips the match if it returns false.
  // `before` is the text before the credential, at most 128 bytes.
  bool (*accept)(std::string_view credential, std::string_view before) = nullptr;
  // True if long runs and words such as "example" mean a placeholder. False for encoded data, in which such
  // runs occur.
  bool placeholders = true;
  // True if the format belongs to no particular issuer. A match is skipped if it overlaps with a credential
  // that an earlier format has found.
  bool generic = false;
};

// The formats in the order in which the scanner uses them. The spans are valid for the life of the process.
std::span<const Format> cloudFormats();
std::span<const Format> codeHostFormats();
std::span<const Format> packageFormats();         // registries of packages and images
std::span<const Format> modelFormats();           // language-model vendors
std::span<const Format> agentFormats();           // search, speech, memory and sandboxes of agents
std::span<const Format> serviceFormats();         // chat, mail and payment
std::span<const Format> infrastructureFormats();  // vaults, networks, databases, provisioning
std::span<const Format> hostingFormats();         // hosting, clusters and secret stores
std::span<const Format> workFormats();            // observability, CI and project work
std::span<const Format> productFormats();         // office, project and developer products
std::span<const Format> keyFormats();             // private keys and JSON Web Tokens
std::span<const Format> genericFormats();         // values in the place of a secret

}  // namespace errand::rules
