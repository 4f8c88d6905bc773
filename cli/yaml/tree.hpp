// A YAML or JSON document as a tree that knows its lines, and the JSON that kubectl
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
  // A map's own fields, then those that its merge keys bring in (https://yaml.org/type/merge.html).
  std::vector<Field> fields;
  std::vector<const YamlNode*> items;

  // Null where there is none.
  const YamlNode* field(std::string_view key) const;
};

// Documents that stand in one text. Nodes live as long as this object; an alias is the very node of its
// anchor.
class YamlDocument {
 public:
  // Text that begins with a brace or bracket and is JSON is read as JSON. `firstLine` is the line of the
  // stream at which `text` begins, from 1. The error's message begins with the line: "12: …".
  static Result<YamlDocument> parse(std::string_view text, int firstLine);

  // Empty if the text holds nothing. Text without a separator can hold several: {a: 1} {b: 2}.
  const std::vector<const YamlNode*>& roots() const { return roots_; }
  // The first, or null.
  const YamlNode* root() const { return roots_.empty() ? nullptr : roots_.front(); }

 private:
  friend class TreeBuilder;
  friend class JsonBuilder;
  static Result<YamlDocument> parseYaml(std::string_view text, int firstLine);
  // Fails with Invalid, and a message as parse().
  static Result<YamlDocument> parseJson(std::string_view text, int firstLine);

  std::deque<YamlNode> nodes_;
  std::vector<const YamlNode*> roots_;
};

// Returns "12: the key … stands twice in one map" for the first such key of a map's own fields, or "".
std::string duplicateKey(const YamlNode& map);

// Invalid where it would be nested deeper than 100 or, by its aliases, longer than 16 MiB.
Result<std::string> toJson(const YamlNode& node);

// The line of the value at a JSON Pointer (RFC 6901), or of the nearest node
// above that exists.
int lineOf(const YamlNode& root, std::string_view pointer);

}  // namespace errand::cli
