// Reads values of a parsed text without throwing. Failure keeps the first error, with the path of the value.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json/document.hpp"

namespace errand {

// A value and its position in the text. A node refers to its parent, which must outlive it. "Fails" means
// that an error is recorded in the Failure of the node (fail()).
class JsonNode {
 public:
  struct Failure {
    std::string message;  // "spec.containers[0].env is not a list"; empty: none
  };
  using StringMap = std::map<std::string, std::string, std::less<>>;

  // strings() extends no path beyond about this number of bytes. A string further below gets the path of an
  // object or list above it.
  static constexpr size_t kLongestPath = 512;

  // Creates the root node. Both arguments must outlive it.
  JsonNode(const std::shared_ptr<const JsonDocument>& document, Failure& failure)
      : value_(document->root()), document_(&document), failure_(&failure) {}

  // Returns this value as a root node: its paths begin here, and its errors go into `failure`.
  JsonNode rooted(Failure& failure) const;

  // Copy this pointer to keep the string_views of a node valid.
  const std::shared_ptr<const JsonDocument>& document() const { return *document_; }
  simdjson::dom::element value() const { return value_; }

  // False if the field is absent or null, or if this value is no object.
  bool has(std::string_view key) const { return find(key).has_value(); }
  bool isObject() const { return value_.is_object(); }
  // Returns isObject(), and records an error if it is false.
  bool mustBeObject() const;
  // Returns the field; nullopt if it is absent or null, or if this value is no object.
  std::optional<JsonNode> child(std::string_view key) const;

  // Read this value. A value of another type, or null, is an error and leaves `out` unchanged; a list or a
  // map may then be filled in part, and an optional has a value.
  void get(std::string_view& out) const;
  void get(std::string& out) const;
  void get(bool& out) const;
  void get(std::int64_t& out) const;
  void get(std::int32_t& out) const;
  void get(std::vector<std::string>& out) const;
  void get(StringMap& out) const;  // reads a null in the map as an empty string, like Go's decoder
  template <class T>
  void get(std::optional<T>& out) const {
    get(out.emplace());
  }

  // Reads a field. Leaves `out` unchanged if the field is absent or null.
  template <class T>
  void read(std::string_view key, T& out) const {
    if (const auto value = child(key)) value->get(out);
  }

  // Calls readOne if the field is an object. Does nothing if it is absent or null. Fails for any other type.
  template <std::invocable<const JsonNode&> F>
  void object(std::string_view key, F&& readOne) const {
    const auto value = child(key);
    if (value && value->mustBeObject()) readOne(*value);
  }

  // Like object(), but records errors in `failure`, so one bad field does not invalidate the object. Paths
  // still start at the root.
  template <std::invocable<const JsonNode&> F>
  void isolated(std::string_view key, Failure& failure, F&& readOne) const {
    auto value = child(key);
    if (!value) return;
    value->failure_ = &failure;
    if (value->mustBeObject()) readOne(*value);
  }

  // Like items(), for a field. Does nothing if it is absent or null.
  template <std::invocable<const JsonNode&> F>
  void list(std::string_view key, F&& readOne) const {
    if (const auto value = child(key)) value->items(std::forward<F>(readOne));
  }

  // Calls readOne for each element of this list, in order. Fails if this value is no list. Fails and stops at
  // an element that is no object.
  template <std::invocable<const JsonNode&> F>
  void items(F&& readOne) const {
    const auto all = array();
    if (!all) return;
    size_t index = 0;
    for (const simdjson::dom::element item : *all) {
      const JsonNode one(item, this, {}, index++);
      if (!one.mustBeObject() || !take()) return;
      readOne(one);
    }
  }

  // The number of elements of a list, or 0 if there is no list.
  size_t count(std::string_view key) const;
  size_t size() const;

  // Calls readField(key, JsonNode) for each field that is not null. Fails if this value is no object.
  template <std::invocable<std::string_view, const JsonNode&> F>
  void fields(F&& readField) const {
    simdjson::dom::object all;
    if (value_.get(all) != simdjson::SUCCESS) return fail("is not an object");
    for (const simdjson::dom::key_value_pair field : all) {
      if (field.value.is_null()) continue;
      if (!take()) return;
      readField(field.key, JsonNode(field.value, this, field.key, kNoIndex));
    }
  }

  // Like fields(), but records an error for each field that is no object, and leaves it out.
  template <std::invocable<std::string_view, const JsonNode&> F>
  void objects(F&& readField) const {
    fields([&](std::string_view key, const JsonNode& value) {
      if (value.mustBeObject()) readField(key, value);
    });
  }

  // Calls found(path, name, text) for each string below this object, except in the fields `but`.
  // - path: a JSON Pointer that begins with `at`
  // - name: the key of the field, or the `name` of an object with `name` and `value`; empty in a list
  // The path is valid only during the call.
  using Found = std::function<void(const std::string&, std::string_view, std::string_view)>;
  void strings(std::string at, std::initializer_list<std::string_view> but, const Found& found) const;

  // Records an error if a key of this object differs from one of these only in case: some readers accept such
  // a key, others do not.
  void exactCase(std::initializer_list<std::string_view> keys) const;

  // Returns the value as JSON text, and counts each value in it as an entry. If there are too many, records
  // an error and returns an empty text.
  std::string counted() const;
  std::string minified() const { return simdjson::minify(value_); }

  // Records the error "<path> <what>", unless an error is recorded. The root's path is "object".
  void fail(std::string_view what) const;

 private:
  static constexpr size_t kNoIndex = static_cast<size_t>(-1);

  JsonNode(simdjson::dom::element value, const JsonNode* parent, std::string_view name, size_t index)
      : value_(value),
        document_(parent->document_),
        parent_(parent),
        name_(name),
        index_(index),
        failure_(parent->failure_) {}

  std::optional<simdjson::dom::element> find(std::string_view key) const;
  std::optional<simdjson::dom::array> array() const;
  std::string path() const;
  // Counts one entry. If there are too many, records an error and returns false.
  bool take() const;
  void tooMany() const;

  simdjson::dom::element value_;
  const std::shared_ptr<const JsonDocument>* document_;
  const JsonNode* parent_ = nullptr;
  std::string_view name_;
  size_t index_ = kNoIndex;
  Failure* failure_;
};

}  // namespace errand
