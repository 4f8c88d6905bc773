// Reads a v1 Secret with its data. Caches keep only a Secret's metadata (PartialObject).
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/base/sensitive.hpp"

namespace errand::api {

// A Secret whose values are wiped on destruction.
struct Secret {
  std::string uid, type;
  std::map<std::string, Sensitive, std::less<>> data;  // base64, as the API returns it

  // Returns the decoded value of the key; empty if the key is missing or not base64.
  Sensitive value(std::string_view key) const;
};

// Fails with Invalid if JsonDocument cannot parse the text; the message shows nothing of it. A field of the
// wrong type counts as missing. Wipes the parser's copies of the data.
Result<Secret> readSecret(const Sensitive& text);

}  // namespace errand::api
