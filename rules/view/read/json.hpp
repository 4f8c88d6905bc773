// Reads hostile JSON without throwing: it keeps the path of the first field with a wrong type.
// Only the readers of this folder may include this header, because it includes all of simdjson.
#pragma once

#include <simdjson.h>

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/meta.hpp"
#include "core/base/result.hpp"
#include "rules/view/podview.hpp"

namespace errand::rules {

inline constexpr size_t kMaxDepth = 100;

// The most entries that are made from one text: elements of lists, entries of maps and searched strings. Each
// takes many times the memory of its text. No object that an API server stores has as many.
inline constexpr size_t kMostEntries = size_t{1} << 16;
// The longest path of a string, in bytes. A string below a longer path is reported at the path above it.
inline constexpr size_t kLongestPath = 512;

// A parsed text. Nodes and what they read as views live no longer than it does.
// Its thread keeps one parser for the next text, unless that is a large one.
class Document {
 public:
  // Invalid: not JSON, not UTF-8, deeper than kMaxDepth, or a key twice in one
  // object. (simdjson's lookup takes the first of two keys and Go's decoder the
  // last, so that a duplicate would show us another object than is stored.)
  static Result<std::shared_ptr<const Document>> parse(std::string_view text);

  Document(const Document&) = delete;
  ~Document();

  simdjson::dom::element root() const { return root_; }

  // False once kMostEntries have been taken.
  bool take() const { return left_ > 0 && left_-- > 0; }

 private:
  Document();

  std::unique_ptr<simdjson::dom::parser> parser_;
  simdjson::dom::element root_;
  mutable size_t left_ = kMostEntries;
};

// A value and where it stands. Children refer to their parent, which must outlive them.
class Node {
 public:
  struct Failure {
    std::string message;  // "spec.containers[0].env is not a list"
  };

  // The root. It refers to both arguments.
  Node(const std::shared_ptr<const Document>& document, Failure& failure)
      : value_(document->root()), document_(&document), failure_(&failure) {}

  // The document that any holder of views into the text must keep.
  const std::shared_ptr<const Document>& document() const { return *document_; }

  bool has(std::string_view key) const { return find(key).has_value(); }
  bool isObject() const { return value_.is_object(); }

  // Each leaves `out` unchanged if the field is absent or null.
  void read(std::string_view key, std::string& out) const;
  void read(std::string_view key, std::string_view& out) const;
  void read(std::string_view key, std::optional<std::string>& out) const;
  void read(std::string_view key, bool& out) const;
  void read(std::string_view key, std::optional<bool>& out) const;
  void read(std::string_view key, std::optional<std::int64_t>& out) const;
  void read(std::string_view key, std::vector<std::string>& out) const;
  void read(std::string_view key, api::StringMap& out) const;

  template <std::invocable<const Node&> F>
  void object(std::string_view key, F&& readOne) const {
    const auto value = find(key);
    if (!value) return;
    const Node child(*value, this, key, kNoIndex);
    if (child.isObject())
      readOne(child);
    else
      child.fail("is not an object");
  }

  // Like object(), with a failure of its own: the rest stays readable. The path is kept.
  template <std::invocable<const Node&> F>
  void isolated(std::string_view key, Failure& failure, F&& readOne) const {
    const auto value = find(key);
    if (!value) return;
    Node child(*value, this, key, kNoIndex);
    child.failure_ = &failure;
    if (child.isObject())
      readOne(child);
    else
      child.fail("is not an object");
  }

  // Calls readOne for each object of a list, in order.
  template <std::invocable<const Node&> F>
  void list(std::string_view key, F&& readOne) const {
    const auto items = array(key);
    if (!items) return;
    size_t index = 0;
    for (const simdjson::dom::element item : *items) {
      const Node child(item, this, key, index++);
      if (!child.isObject()) return child.fail("is not an object");
      if (!take()) return;
      readOne(child);
    }
  }

  // Reads the value itself, which must not be null.
  void readText(std::string_view& out) const;

  // Returns the number of elements of a list, or 0 if there is no list.
  size_t count(std::string_view key) const;

  // Calls readField(key, Node) for each field that is not null.
  template <std::invocable<std::string_view, const Node&> F>
  void fields(F&& readField) const {
    simdjson::dom::object fields;
    if (value_.get(fields) != simdjson::SUCCESS) return fail("is not an object");
    for (const simdjson::dom::key_value_pair field : fields) {
      if (field.value.is_null()) continue;
      if (!take()) return;
      readField(field.key, Node(field.value, this, field.key, kNoIndex));
    }
  }

  // Like fields(), where each must be an object.
  template <std::invocable<std::string_view, const Node&> F>
  void objects(F&& readField) const {
    fields([&](std::string_view key, const Node& value) {
      if (value.isObject())
        readField(key, value);
      else
        value.fail("is not an object");
    });
  }

  // Appends every string below this object, except in the fields `but`. Their paths begin with `at`.
  void texts(std::string at, std::initializer_list<std::string_view> but, std::vector<Text>& out) const;

  // Fails if a key differs from one of these only in case: some readers accept such a key, others do not.
  void exactCase(std::initializer_list<std::string_view> keys) const;

  // Returns the value as text and counts each value in it as an entry. Fails, and returns an empty text, if
  // there are too many.
  std::string counted() const;
  std::string minified() const { return simdjson::minify(value_); }
  void fail(std::string_view what) const;

 private:
  static constexpr size_t kNoIndex = static_cast<size_t>(-1);

  Node(simdjson::dom::element value, const Node* parent, std::string_view name, size_t index)
      : value_(value),
        document_(parent->document_),
        parent_(parent),
        name_(name),
        index_(index),
        failure_(parent->failure_) {}

  std::optional<simdjson::dom::element> find(std::string_view key) const;
  std::optional<simdjson::dom::array> array(std::string_view key) const;
  void wrongType(std::string_view key, std::string_view expected) const;
  std::string path() const;
  // Counts one entry. Fails, and returns false, if there are too many.
  bool take() const;
  void tooMany() const;

  simdjson::dom::element value_;
  const std::shared_ptr<const Document>* document_;
  const Node* parent_ = nullptr;
  std::string_view name_;
  size_t index_ = kNoIndex;
  Failure* failure_;
};

}  // namespace errand::rules
