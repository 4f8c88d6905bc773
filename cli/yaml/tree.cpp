#include "cli/yaml/tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "cli/yaml/scalar.hpp"
#include "rules/view/describe.hpp"

namespace errand::cli {
namespace {

constexpr size_t kLongest = 16 << 20;

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

std::string unescaped(std::string_view token) {
  std::string out;
  for (size_t i = 0; i < token.size(); ++i) {
    if (token[i] == '~' && i + 1 < token.size())
      out += token[++i] == '1' ? '/' : '~';
    else
      out += token[i];
  }
  return out;
}

}  // namespace

const YamlNode* YamlNode::field(std::string_view key) const {
  const auto found = std::ranges::find(fields, key, &Field::key);
  return found == fields.end() ? nullptr : found->value;
}

std::string duplicateKey(const YamlNode& map) {
  std::vector<std::string_view> keys;
  for (const YamlNode::Field& field : map.fields) keys.push_back(field.key);
  std::ranges::sort(keys);
  const auto twice = std::ranges::adjacent_find(keys);
  if (twice == keys.end()) return {};
  int line = 0;
  for (const YamlNode::Field& field : map.fields)
    if (field.key == *twice) line = field.line;
  return fmt::format("{}: the key {} stands twice in one map", line, rules::inQuotes(*twice));
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
    const std::string token = unescaped(pointer.substr(0, end));
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
