// Classifies the name of a variable, a flag or a key by whether its value is a credential.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace errand::rules {

// The kind of value that a name suggests.
enum class Held : std::uint8_t {
  Nothing,   // an ordinary value, as far as the name shows
  Perhaps,   // a token or secret, or the name of one: DB_SECRET
  Key,       // an issued key or token: ACME_API_KEY
  Password,  // ADMIN_PASSWORD
};

// The meaning of a name.
struct NameMeaning {
  Held held = Held::Nothing;
  bool documented = false;  // an image, SDK or tool reads its credential from exactly this name
};

// Returns the meaning of a name such as OPENAI_API_KEY, --client-secret or admin.password. Ignores case,
// except in Terraform's TF_TOKEN_<host>. Ignores digits and underscores at the end: OPENAI_API_KEY_2. A
// public name (publicnames.hpp) means Held::Nothing, unless it is documented.
NameMeaning meaningOf(std::string_view name);

// Returns the names that images, SDKs and tools document, in capitals and sorted.
std::span<const std::string_view> documentedNames();

// Returns the name in capitals, with _ in place of - and ., and without leading hyphens.
std::string inCapitals(std::string_view name);

}  // namespace errand::rules
