// A text that was parsed strictly: the only parser of JSON in this project.
// It includes all of simdjson. Only .cpp files, and headers of one folder's readers, may include it.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace errand {

// The deepest nesting of objects and lists that is read: every walk over a value recurses.
inline constexpr size_t kDeepestJson = 100;

// A key in quotation marks, fit for a message: at most 64 characters, of ASCII, without control characters.
std::string quotedKey(std::string_view key);

struct JsonOptions {
  // The most elements of lists, entries of maps and searched strings that JsonNode makes from the text. Each
  // takes many times the memory of its text.
  size_t entries = std::numeric_limits<size_t>::max();
  std::string_view what = "text";                      // what the text is, for messages about its size
  std::string (*quote)(std::string_view) = quotedKey;  // how a message shows a key of the text
  bool wipes = false;  // overwrite the parser's copies of the text at the end, for credentials
};

// Nodes (core/json/node.hpp), and what they read as views, live no longer than their document.
// Its thread keeps one parser for the next text, unless that is a large one.
class JsonDocument {
 public:
  // Invalid: not JSON, not UTF-8, deeper than kDeepestJson, or a key twice in one object. (simdjson's lookup
  // takes the first of two keys and Go's decoder the last, so a duplicate would show another object than the
  // API server's.) The message repeats nothing of the text but such a key, as `quote` shows it.
  static Result<std::shared_ptr<const JsonDocument>> parse(std::string_view text, JsonOptions options = {});

  JsonDocument(const JsonDocument&) = delete;
  ~JsonDocument();

  simdjson::dom::element root() const { return root_; }
  const JsonOptions& options() const { return options_; }

  // False once options().entries have been taken.
  bool take() const { return left_ > 0 && left_-- > 0; }

 private:
  explicit JsonDocument(JsonOptions options);

  JsonOptions options_;
  std::unique_ptr<simdjson::dom::parser> parser_;
  simdjson::dom::element root_;
  mutable size_t left_;
};

}  // namespace errand
