// The type for credentials in memory.
#pragma once

#include <string>
#include <string_view>

namespace errand {

// A secret string. It is move-only, and wiped on destruction and on assignment. It has no formatter and no
// comparison, so that it cannot reach a log, an event, a status, a metric or an error by accident. Readers
// must call reveal(). The view is valid until the object is assigned, moved or destroyed.
class Sensitive {
 public:
  Sensitive() = default;
  // Wipes `value`: a short text leaves its bytes in the string that it is moved from.
  explicit Sensitive(std::string&& value) : value_(std::move(value)) { wipe(value); }
  explicit Sensitive(const std::string& copied) : value_(copied) {}
  Sensitive(const Sensitive&) = delete;
  Sensitive& operator=(const Sensitive&) = delete;
  Sensitive(Sensitive&& other) noexcept;
  Sensitive& operator=(Sensitive&& other) noexcept;
  ~Sensitive() { wipe(value_); }

  std::string_view reveal() const { return value_; }
  bool empty() const { return value_.empty(); }
  Sensitive copy() const { return Sensitive(value_); }

  // Overwrites the whole buffer of `text`, and empties it. The compiler cannot optimize that away.
  static void wipe(std::string& text);

 private:
  std::string value_;
};

}  // namespace errand
