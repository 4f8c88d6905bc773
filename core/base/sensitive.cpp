#include "core/base/sensitive.hpp"

#include <openssl/crypto.h>

#include <utility>

namespace errand {

void Sensitive::wipe(std::string& text) {
  text.resize(text.capacity());
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

// Wipes the source as well: a short string is stored in the object, so a move copies it.
Sensitive::Sensitive(Sensitive&& other) noexcept : value_(std::move(other.value_)) { wipe(other.value_); }

Sensitive& Sensitive::operator=(Sensitive&& other) noexcept {
  if (this != &other) {
    wipe(value_);
    value_ = std::move(other.value_);
    wipe(other.value_);
  }
  return *this;
}

}  // namespace errand
