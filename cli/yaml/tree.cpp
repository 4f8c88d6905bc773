#include "cli/yaml/tree.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <nlohmann/json.hpp>

namespace errand::cli {
namespace {

constexpr size_t kLongest = 16 << 20;
constexpr size_t kMostMerges = 10000;

std::string jsonText(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool isOneOf(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, text) != words.end();
}

// 0x1F, 0o17, 017, 0b11, 1_000, as go-yaml reads them.
std::optional<std::string> asInteger(std::string_view text) {
  std::string digits;
  std::ranges::copy_if(text, std::back_inserter(digits), [](char c) { return c != '_'; });
  std::string_view rest = digits;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  int base = 10;
  if (rest.starts_with("0x")) {
    base = 16;
  } else if (rest.starts_with("0o")) {
    base = 8;
  } else if (rest.starts_with("0b")) {
    base = 2;
  }
  if (base != 10) rest.remove_prefix(2);
  if (base == 10 && rest.size() > 1 && rest.starts_with('0')) base = 8;
  if (rest.empty() || text.starts_with('_')) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value, base);
  if (error != std::errc{} || end != rest.data() + rest.size()) return std::nullopt;
  return (negative ? "-" : "") + std::to_string(value);
}

std::optional<std::string> asFloat(const std::string& text) {
  if (text.find_first_not_of("0123456789+-.eE") != std::string::npos ||
      text.find_first_of("0123456789") == std::string::npos)
    return std::nullopt;
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (end != text.c_str() + text.size()) return std::nullopt;
  return nlohmann::json(value).dump();
}

std::string scalar(const YamlNode& node) {
  const std::string& text = node.text;
  if (!node.plain) return jsonText(text);
  if (isOneOf(text, {"", "~", "null", "Null", "NULL"})) return "null";
  if (isOneOf(text, {"true", "True", "TRUE", "y", "Y", "yes", "Yes", "YES", "on", "On", "ON"})) return "true";
  if (isOneOf(text, {"false", "False", "FALSE", "n", "N", "no", "No", "NO", "off", "Off", "OFF"}))
    return "false";
  if (auto number = asInteger(text)) return *number;
  if (auto number = asFloat(text)) return *number;
  return jsonText(text);
}

class Writer {
 public:
  bool write(const YamlNode& node, size_t depth) {
    if (depth > kDeepest || out.size() > kLongest) return false;
    switch (node.kind) {
      case YamlNode::Kind::Scalar:
        out += scalar(node);
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
    std::vector<const YamlNode::Field*> all;
    if (!collect(node, all, depth)) return false;
    out += '{';
    for (size_t i = 0; i < all.size(); ++i) {
      if (i > 0) out += ',';
      out += jsonText(all[i]->key) + ':';
      if (!write(*all[i]->value, depth + 1)) return false;
    }
    out += '}';
    return true;
  }

  // A map's own fields come before those that its merge keys bring in
  // (https://yaml.org/type/merge.html).
  bool collect(const YamlNode& node, std::vector<const YamlNode::Field*>& all, size_t depth) {
    if (depth > kDeepest || ++merges_ > kMostMerges) return false;
    const auto add = [&](const YamlNode::Field& field) {
      if (std::ranges::none_of(all, [&](const auto* known) { return known->key == field.key; }))
        all.push_back(&field);
    };
    const bool merges =
        std::ranges::any_of(node.fields, [](const YamlNode::Field& field) { return field.key == "<<"; });
    if (!merges && all.empty()) {
      --merges_;
      for (const YamlNode::Field& field : node.fields) all.push_back(&field);
      return true;
    }
    for (const YamlNode::Field& field : node.fields)
      if (field.key != "<<") add(field);
    for (const YamlNode::Field& field : node.fields) {
      if (field.key != "<<") continue;
      if (field.value->kind == YamlNode::Kind::Map && !collect(*field.value, all, depth + 1)) return false;
      for (const YamlNode* item : field.value->items)
        if (item->kind == YamlNode::Kind::Map && !collect(*item, all, depth + 1)) return false;
    }
    return true;
  }

  size_t merges_ = 0;  // maps that a merge key brought in: aliases could make them any number
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

std::vector<YamlChunk> splitStream(std::string_view text) {
  std::vector<YamlChunk> out;
  size_t begin = 0, at = 0;
  int line = 1, first = 1;
  const auto close = [&](size_t end) {
    const std::string_view chunk = text.substr(begin, end - begin);
    // Comments and directives alone are no document.
    for (size_t i = 0; i < chunk.size();) {
      const size_t content = chunk.find_first_not_of(" \t\r\n", i);
      if (content == std::string_view::npos) return;
      if (chunk[content] != '#' && chunk[content] != '%') return out.push_back({chunk, first});
      i = std::min(chunk.find('\n', content), chunk.size());
    }
  };
  while (at < text.size()) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view row = text.substr(at, end - at);
    const bool marker = (row.starts_with("---") || row.starts_with("...")) &&
                        (row.size() == 3 || row[3] == ' ' || row[3] == '\t' || row[3] == '\r');
    if (marker) {
      close(at);
      begin = at + 3;  // what follows the marker on its line belongs to the document
      first = line;
    }
    at = end + 1;
    ++line;
  }
  close(text.size());
  return out;
}

}  // namespace errand::cli
