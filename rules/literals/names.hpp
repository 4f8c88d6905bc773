// Tells from the name of a variable, a flag or a key whether its value is a credential.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace errand::rules {

enum class Held : std::uint8_t {
  Nothing,   // an ordinary value, as far as the name tells
  Perhaps,   // a token or secret, or the name of one: DB_SECRET
  Key,       // an issued key or token: ACME_API_KEY
  Password,  // ADMIN_PASSWORD
};

struct NameMeaning {
  Held held = Held::Nothing;
  bool documented = false;  // an image, SDK or tool reads its credential from exactly this name
};

// The meaning of a name such as OPENAI_API_KEY, --client-secret or admin.password. The case does not matter.
NameMeaning meaningOf(std::string_view name);

// The names that images, SDKs and tools document, in capitals and sorted, apart from those that end as
// meaningOf() knows it of any name.
std::span<const std::string_view> documentedNames();

// The name in capitals, with _ in place of - and . and without leading hyphens.
std::string inCapitals(std::string_view name);

// True if the value of such a name is delivered to browsers, or is a key of another sense: NEXT_PUBLIC_…,
// RECAPTCHA_SITE_KEY, CACHE_KEY, EOS_TOKEN. The name is as inCapitals() returns it.
bool isPublicName(std::string_view capitals);

}  // namespace errand::rules
