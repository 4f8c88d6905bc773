// Builds the JSON of a Secret to write, and wipes it after use.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <string_view>

#include "core/base/crypto.hpp"
#include "core/base/sensitive.hpp"

namespace errand::api {

// The data of a Secret as JSON text. Nothing is escaped or checked: keys must match [-._a-zA-Z0-9]+, and
// addEncoded() takes only base64. If a key is added twice, its first value stays.
class SecretData {
 public:
  SecretData() { text_.reserve(16384); }
  ~SecretData() { Sensitive::wipe(text_); }
  SecretData(const SecretData&) = delete;
  SecretData& operator=(const SecretData&) = delete;

  void add(std::string_view key, std::string_view value) {
    std::string encoded = base64Encode(value);
    addEncoded(key, encoded);
    Sensitive::wipe(encoded);
  }
  // Returns false if the key exists.
  bool addEncoded(std::string_view key, std::string_view base64) {
    if (!keys_.emplace(key).second) return false;
    grow(key.size() + base64.size() + 8);
    text_.append(text_.empty() ? "\"" : ",\"").append(key).append("\":\"").append(base64).append("\"");
    return true;
  }
  // Returns an object with this data. `head` is an object with its other fields; it must not be empty.
  Sensitive with(const nlohmann::json& head) const;

 private:
  // Copies the text to a larger buffer and wipes the old one. std::string would leave the old buffer unwiped.
  void grow(size_t more) {
    if (text_.size() + more <= text_.capacity()) return;
    std::string larger;
    larger.reserve(2 * (text_.capacity() + more));
    larger.append(text_);
    Sensitive::wipe(text_);
    text_ = std::move(larger);
  }
  std::string text_;
  std::set<std::string, std::less<>> keys_;
};

}  // namespace errand::api
