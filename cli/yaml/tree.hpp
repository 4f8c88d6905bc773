// A YAML document as a tree that knows its lines, and the JSON that kubectl
// would make of it (https://pkg.go.dev/sigs.k8s.io/yaml: YAML 1.1, merge keys).
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace errand::cli {

// The parser goes down by recursion, and JSON of more is refused everywhere.
inline constexpr size_t kDeepest = 100;

struct YamlNode {
  enum class Kind { Scalar, List, Map };
  struct Field {
    std::string key;
    int line;
    const YamlNode* value;
  };

  Kind kind = Kind::Scalar;
  int line = 0;  // from 1
  std::string text;
  bool plain = true;  // a scalar without quotes or tag, which may be a number
  std::vector<Field> fields;
  std::vector<const YamlNode*> items;

  // Null where there is none.
  const YamlNode* field(std::string_view key) const;
};

// One document of a stream. Nodes live as long as it does; an alias is the very
// node of its anchor.
class YamlDocument {
 public:
  // `firstLine` is the line of the stream at which `text` begins, from 1. The
  // error's message begins with the line: "12: …". A document that holds nothing
  // has a null root.
  static Result<YamlDocument> parse(std::string_view text, int firstLine);

  const YamlNode* root() const { return root_; }

 private:
  friend class TreeBuilder;
  std::deque<YamlNode> nodes_;
  const YamlNode* root_ = nullptr;
};

// Invalid where it would be nested deeper than 100 or, by its aliases, longer
// than 16 MiB.
Result<std::string> toJson(const YamlNode& node);

// The line of the value at a JSON Pointer (RFC 6901), or of the nearest node
// above that exists.
int lineOf(const YamlNode& root, std::string_view pointer);

struct YamlChunk {
  std::string_view text;
  int firstLine;
};
// The documents of a stream, without their separators. They can be parsed one
// by one, so that a broken one does not hide the rest.
std::vector<YamlChunk> splitStream(std::string_view text);

}  // namespace errand::cli
