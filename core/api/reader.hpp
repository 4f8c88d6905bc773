// Reads fields of a JSON object without throwing and remembers the first error
// with its path. For the codecs of core/api only: it includes the whole of nlohmann/json.
#pragma once

#include <concepts>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/api/meta.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace errand::api {

class Reader {
 public:
  using json = nlohmann::json;

  explicit Reader(const json& root, std::string path = "")
      : Reader(&root, std::move(path), std::make_shared<Failure>()) {
    if (!root.is_object()) fail("is not an object");
  }

  bool has(const char* key) const { return find(key) != nullptr; }

  // Each reads the field into `out` and leaves `out` alone where the field is absent or null.
  void read(const char* key, std::string& out) const;
  void read(const char* key, bool& out) const;
  void read(const char* key, std::int64_t& out) const;
  void read(const char* key, std::int32_t& out) const;
  void read(const char* key, std::optional<bool>& out) const;
  void read(const char* key, std::optional<Time>& out) const;
  void read(const char* key, std::optional<Seconds>& out) const;  // 1h30m
  void read(const char* key, StringMap& out) const;
  void read(const char* key, std::vector<std::string>& out) const;

  template <class E, size_t N>
    requires std::is_enum_v<E>
  void read(const char* key, E& out, const std::pair<std::string_view, E> (&names)[N]) const {
    std::string text;
    read(key, text);
    if (text.empty()) return;
    for (const auto& [name, value] : names)
      if (name == text) {
        out = value;
        return;
      }
    Reader(find(key), at(key), failure_).fail("has the unknown value \"" + text.substr(0, 64) + "\"");
  }

  // Calls readOne(Reader) where the field is an object.
  template <std::invocable<const Reader&> F>
  void object(const char* key, F&& readOne) const {
    if (const json* value = find(key)) {
      Reader inner(value, at(key), failure_);
      if (value->is_object())
        readOne(inner);
      else
        inner.fail("is not an object");
    }
  }

  // Appends readOne(Reader, T&) for each object of a list.
  template <class T, std::invocable<const Reader&, T&> F>
  void list(const char* key, std::vector<T>& out, F&& readOne) const {
    const json* value = array(key);
    if (value == nullptr) return;
    out.reserve(value->size());
    for (size_t i = 0; i < value->size(); ++i) {
      Reader inner(&(*value)[i], at(key) + "[" + std::to_string(i) + "]", failure_);
      if (!(*value)[i].is_object()) return inner.fail("is not an object");
      readOne(inner, out.emplace_back());
    }
  }

  void fail(std::string_view what) const {
    if (failure_->message.empty())
      failure_->message = (path_.empty() ? "object" : path_) + " " + std::string(what);
  }

  // `value`, or the first error.
  template <class T>
  Result<T> finish(T value) const {
    if (!failure_->message.empty()) return errand::fail(ErrorKind::Invalid, failure_->message);
    return value;
  }

 private:
  struct Failure {
    std::string message;
  };

  Reader(const json* value, std::string path, std::shared_ptr<Failure> failure)
      : value_(value), path_(std::move(path)), failure_(std::move(failure)) {}

  const json* find(const char* key) const;
  const json* array(const char* key) const;
  std::string at(const char* key) const { return path_.empty() ? key : path_ + "." + key; }
  void wrongType(const char* key, std::string_view expected) const;

  const json* value_;
  std::string path_;
  std::shared_ptr<Failure> failure_;
};

void readMeta(const Reader& object, ObjectMeta& out);
void readConditions(const Reader& status, std::vector<Condition>& out);

// Adds the field unless it is empty.
inline void put(nlohmann::json& out, const char* key, const std::string& value) {
  if (!value.empty()) out[key] = value;
}
inline void put(nlohmann::json& out, const char* key, const std::optional<Time>& value) {
  if (value) out[key] = formatTime(*value);
}
inline void put(nlohmann::json& out, const char* key, const std::optional<Seconds>& value) {
  if (value) out[key] = formatDuration(*value);
}
inline void put(nlohmann::json& out, const char* key, const StringMap& value) {
  if (!value.empty()) out[key] = value;
}

template <class E, size_t N>
std::string nameOf(E value, const std::pair<std::string_view, E> (&names)[N]) {
  for (const auto& [name, v] : names)
    if (v == value) return std::string(name);
  return {};
}

}  // namespace errand::api
