// Parses JSON into a tree with line numbers. yaml-cpp reads most JSON, but no surrogate pairs.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/yaml/tree.hpp"
#include "core/json/document.hpp"
#include "core/json/value.hpp"

namespace errand::cli {

// Parses text that core/json has accepted (RFC 8259). It therefore only finds the ends of values.
class JsonBuilder {
 public:
  JsonBuilder(YamlDocument& out, std::string_view text, int line) : out_(out), rest_(text), line_(line) {}

  void run() { out_.roots_.push_back(&value()); }

 private:
  YamlNode& value() {
    blanks();
    YamlNode& node = out_.nodes_.emplace_back();
    node.line = line_;
    const char first = rest_.front();
    if (first == '{') {
      map(node);
    } else if (first == '[') {
      list(node);
    } else if (first == '"') {
      node.plain = false;
      node.text = string();
    } else {
      const size_t end = std::min(rest_.find_first_of(",]} \t\r\n"), rest_.size());
      node.text = rest_.substr(0, end);
      rest_.remove_prefix(end);
    }
    return node;
  }

  void map(YamlNode& node) {
    node.kind = YamlNode::Kind::Map;
    rest_.remove_prefix(1);
    while (!ended('}')) {
      const int line = line_;
      std::string key = string();
      blanks();
      rest_.remove_prefix(1);  // the colon
      node.fields.push_back({std::move(key), line, &value()});
    }
  }

  void list(YamlNode& node) {
    node.kind = YamlNode::Kind::List;
    rest_.remove_prefix(1);
    while (!ended(']')) node.items.push_back(&value());
  }

  // Skips the comma before the next entry, or the end of the list or map.
  bool ended(char end) {
    blanks();
    const bool over = rest_.front() == end;
    if (over || rest_.front() == ',') rest_.remove_prefix(1);
    blanks();
    return over;
  }

  std::string string() {
    size_t end = 1;
    while (end < rest_.size() && rest_[end] != '"') end += rest_[end] == '\\' ? 2 : 1;
    const std::string_view quoted = rest_.substr(0, end + 1);
    rest_.remove_prefix(quoted.size());
    if (quoted.find('\\') == std::string_view::npos) return std::string(quoted.substr(1, quoted.size() - 2));
    return errand::parseJson(fmt::format("[{}]", quoted)).value().at(0).get<std::string>();
  }

  void blanks() {
    const size_t content = std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size());
    for (const char c : rest_.substr(0, content)) line_ += c == '\n';
    rest_.remove_prefix(content);
  }

  YamlDocument& out_;
  std::string_view rest_;
  int line_;
};

YamlDocument YamlDocument::parseJson(std::string_view text, int firstLine) {
  static_assert(kDeepest == kDeepestJson);
  YamlDocument out;
  JsonBuilder(out, text, firstLine).run();
  return out;
}

}  // namespace errand::cli
