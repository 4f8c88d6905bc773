#include "cli/yaml/tree.hpp"

#include <algorithm>
#include <charconv>

#include "cli/yaml/scalar.hpp"
#include "core/json/pointer.hpp"

namespace errand::cli {
namespace {

constexpr size_t kLongest = 16 << 20;  // bytes of JSON

class Writer {
 public:
  bool write(const YamlNode& node, size_t depth) {
    if (depth > kDeepest || out.size() > kLongest) return false;
    switch (node.kind) {
      case YamlNode::Kind::Scalar:
        out += node.plain ? plainScalar(node.text) : jsonText(node.text);
        return true;
      case YamlNode::Kind::List:
        return writeList(node, depth);
      case YamlNode::Kind::Map:
        return writeMap(node, depth);
    }
    return false;
  }

  std::string out;

 private:
  bool writeList(const YamlNode& node, size_t depth) {
    out += '[';
    for (size_t i = 0; i < node.items.size(); ++i) {
      if (i > 0) out += ',';
      if (!write(*node.items[i], depth + 1)) return false;
    }
    out += ']';
    return true;
  }

  bool writeMap(const YamlNode& node, size_t depth) {
    out += '{';
    for (size_t i = 0; i < node.fields.size(); ++i) {
      if (i > 0) out += ',';
      out += jsonText(node.fields[i].key) + ':';
      if (!write(*node.fields[i].value, depth + 1)) return false;
    }
    out += '}';
    return true;
  }
};

}  // namespace

const YamlNode* YamlNode::field(std::string_view key) const {
  const auto found = std::ranges::find(fields, key, &Field::key);
  return found == fields.end() ? nullptr : found->value;
}

Result<std::string> toJson(const YamlNode& node) {
  Writer writer;
  if (writer.write(node, 0)) return std::move(writer.out);
  return fail(ErrorKind::Invalid, "nested deeper than 100, or longer than 16 MiB with its aliases");
}

int lineOf(const YamlNode& root, std::string_view pointer) {
  const YamlNode* node = &root;
  int line = root.line;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const size_t end = std::min(pointer.find('/'), pointer.size());
    const std::string token = keyOf(pointer.substr(0, end));
    pointer.remove_prefix(end);
    if (node->kind == YamlNode::Kind::List) {
      size_t index = node->items.size();
      std::from_chars(token.data(), token.data() + token.size(), index);
      if (index >= node->items.size()) return line;
      node = node->items[index];
      line = node->line;
      continue;
    }
    const auto found = std::ranges::find(node->fields, token, &YamlNode::Field::key);
    if (found == node->fields.end()) return line;
    line = found->line;
    node = found->value;
  }
  return line;
}

}  // namespace errand::cli
