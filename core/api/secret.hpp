// A v1 Secret with its data, which is wiped; the cached kind is Object, metadata alone.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/base/sensitive.hpp"

namespace errand::api {

struct Secret {
  std::string uid, type;
  std::map<std::string, Sensitive, std::less<>> data;  // base64, as the API has it

  // What is behind the key; empty where there is none, or it is not base64.
  Sensitive value(std::string_view key) const;
};

// Invalid where the text is not JSON. What the parser copied of the data is wiped.
Result<Secret> readSecret(const Sensitive& text);

}  // namespace errand::api
