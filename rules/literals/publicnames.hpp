// Names whose values are public by design, although they end like those of credentials.
#pragma once

#include <string_view>

namespace errand::rules {

// True if the value is sent to browsers (NEXT_PUBLIC_…, RECAPTCHA_SITE_KEY), or if the key or token is no
// credential (CACHE_KEY, EOS_TOKEN). Pass the name as inCapitals() returns it.
bool isPublicName(std::string_view capitals);

}  // namespace errand::rules
