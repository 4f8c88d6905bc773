// A strictly parsed JSON text. No other parser of JSON is used in this project.
//
// This header includes all of simdjson. Include it only in .cpp files, or in headers of one folder's own.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace errand {

// The deepest nesting of objects and lists that parse() accepts. The limit exists because functions that
// visit a value recurse.
inline constexpr size_t kDeepestJson = 100;

// Returns the key in quotation marks for a message: at most 64 ASCII characters, without control characters.
std::string quotedKey(std::string_view key);

// Options of JsonDocument::parse().
struct JsonOptions {
  // The most elements of lists, fields of objects and searched strings that JsonNode reads from the text.
  // Each takes many times the memory of its text.
  size_t entries = std::numeric_limits<size_t>::max();
  std::string_view what = "text";                      // the name of the text in messages about its size
  std::string (*quote)(std::string_view) = quotedKey;  // formats a key of the text for a message
  bool wipes = false;  // for credentials: overwrites the parser's copies when the document is destroyed
};

// Nodes (core/json/node.hpp) and their string_views are valid as long as their document. They do not need the
// text. A thread keeps the parser for its next text, unless the text was large. Not thread-safe.
class JsonDocument {
 public:
  // Fails with Invalid if the text is not JSON, not UTF-8, nested deeper than kDeepestJson, or repeats a key
  // in an object: simdjson would read the first of two equal keys, and Go's decoder the last. The message
  // shows nothing of the text except such a key, as `quote` formats it.
  static Result<std::shared_ptr<const JsonDocument>> parse(std::string_view text, JsonOptions options = {});

  JsonDocument(const JsonDocument&) = delete;
  ~JsonDocument();

  simdjson::dom::element root() const { return root_; }
  const JsonOptions& options() const { return options_; }

  // Counts one entry. Returns false once options().entries have been counted.
  bool take() const { return left_ > 0 && left_-- > 0; }

 private:
  explicit JsonDocument(JsonOptions options);

  JsonOptions options_;
  std::unique_ptr<simdjson::dom::parser> parser_;
  simdjson::dom::element root_;
  mutable size_t left_;
};

}  // namespace errand
