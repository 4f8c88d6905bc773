// Names whose values are public by design, although they end like those of credentials.
#pragma once

#include <string_view>

namespace errand::rules {

// True if the value of such a name is sent to browsers, or is a key in another sense: NEXT_PUBLIC_…,
// RECAPTCHA_SITE_KEY, CACHE_KEY, EOS_TOKEN. Pass the name as inCapitals() returns it.
bool isPublicName(std::string_view capitals);

}  // namespace errand::rules
