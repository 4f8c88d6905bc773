// Parses a YAML or JSON document into a tree with line numbers, and converts it to JSON like kubectl
// (https://pkg.go.dev/sigs.k8s.io/yaml: YAML 1.1, merge keys).
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace errand::cli {

// The deepest nesting. The limit exists because the parser recurses, and equals kDeepestJson of core/json.
inline constexpr size_t kDeepest = 100;

// A node of the tree: a scalar, a list or a map.
struct YamlNode {
  enum class Kind { Scalar, List, Map };
  struct Field {
    std::string key;
    int line;
    const YamlNode* value;
  };

  Kind kind = Kind::Scalar;
  int line = 0;       // from 1
  std::string text;   // of a scalar
  bool plain = true;  // a scalar without quotes, or with a tag such as !!int: it may be a number
  // The map's own fields, then those of its merge keys (https://yaml.org/type/merge.html).
  std::vector<Field> fields;
  std::vector<const YamlNode*> items;  // of a list

  // Returns null if there is no such field.
  const YamlNode* field(std::string_view key) const;
};

// The documents of one text. It owns the nodes, which do not refer to the text. A move keeps their addresses.
// An alias is the same node as its anchor.
class YamlDocument {
 public:
  // Parses text. If it begins with a brace or bracket and is JSON, it is read as JSON. `firstLine` is the
  // line of the stream at which `text` begins, from 1. Fails with Invalid if the text is no YAML, repeats a
  // key in a map, or is nested deeper than kDeepest. The message begins with the line: "12: …".
  static Result<YamlDocument> parse(std::string_view text, int firstLine);

  // Returns the documents; none if the text is empty. Text without a separator can hold several: {a:
  // 1} {b: 2}.
  const std::vector<const YamlNode*>& roots() const { return roots_; }
  // Returns the first document; null if there is none.
  const YamlNode* root() const { return roots_.empty() ? nullptr : roots_.front(); }

 private:
  friend class TreeBuilder;
  friend class JsonBuilder;
  static Result<YamlDocument> parseYaml(std::string_view text, int firstLine);
  // Parses text that core/json has accepted.
  static YamlDocument parseJson(std::string_view text, int firstLine);

  std::deque<YamlNode> nodes_;
  std::vector<const YamlNode*> roots_;
};

// Returns the JSON of a node. Fails with Invalid if it is nested deeper than 100, or if its JSON, in which
// aliases are replaced, is longer than 16 MiB.
Result<std::string> toJson(const YamlNode& node);

// Returns the line of the key or list item at a JSON Pointer (RFC 6901), or of the nearest existing one above
// it.
int lineOf(const YamlNode& root, std::string_view pointer);

}  // namespace errand::cli
