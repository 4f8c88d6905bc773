#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <istream>
#include <map>
#include <optional>
#include <streambuf>

#include "cli/yaml/tree.hpp"
#include "rules/view/describe.hpp"

namespace errand::cli {

class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(YamlDocument& out, int firstLine) : out_(out), firstLine_(firstLine) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(mark, anchor, YamlNode::Kind::Scalar, "null");
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw YAML::ParserException(mark, "unknown alias");
    place(mark, *found->second);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    add(mark, anchor, YamlNode::Kind::Scalar, value).plain = tag.empty() || tag == "?";
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, add(mark, anchor, YamlNode::Kind::List));
  }
  void OnSequenceEnd() override { stack_.pop_back(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, add(mark, anchor, YamlNode::Kind::Map));
  }
  void OnMapEnd() override {
    std::vector<std::string_view> keys;
    for (const YamlNode::Field& field : stack_.back().node->fields) keys.push_back(field.key);
    std::ranges::sort(keys);
    const auto twice = std::ranges::adjacent_find(keys);
    if (twice != keys.end() && *twice != "<<" && !problem_) {
      int line = 0;
      for (const YamlNode::Field& field : stack_.back().node->fields)
        if (field.key == *twice) line = field.line;
      problem_ = fmt::format("{}: the key {} stands twice in one map", line, rules::inQuotes(*twice));
    }
    stack_.pop_back();
  }

  const std::optional<std::string>& problem() const { return problem_; }

 private:
  struct Open {
    YamlNode* node;
    std::optional<std::pair<std::string, int>> key;
  };

  int lineAt(const YAML::Mark& mark) const { return firstLine_ + std::max(mark.line, 0); }

  YamlNode& add(const YAML::Mark& mark, YAML::anchor_t anchor, YamlNode::Kind kind,
                const std::string& scalar = {}) {
    YamlNode& node = out_.nodes_.emplace_back();
    node.kind = kind;
    node.line = lineAt(mark);
    node.text = scalar;
    if (anchor != 0) anchors_[anchor] = &node;
    place(mark, node);
    return node;
  }

  void place(const YAML::Mark& mark, const YamlNode& node) {
    if (stack_.empty()) {
      out_.root_ = &node;
      return;
    }
    Open& open = stack_.back();
    if (open.node->kind == YamlNode::Kind::List) {
      open.node->items.push_back(&node);
    } else if (!open.key) {
      if (node.kind != YamlNode::Kind::Scalar) throw YAML::ParserException(mark, "a key that is no string");
      open.key = {node.text, lineAt(mark)};
    } else {
      open.node->fields.push_back({std::move(open.key->first), open.key->second, &node});
      open.key.reset();
    }
  }

  void open(const YAML::Mark& mark, YamlNode& node) {
    if (stack_.size() >= kDeepest)
      throw YAML::ParserException(mark, fmt::format("nested deeper than {}", kDeepest));
    stack_.push_back({&node, std::nullopt});
  }

  YamlDocument& out_;
  int firstLine_;
  std::vector<Open> stack_;
  std::map<YAML::anchor_t, const YamlNode*> anchors_;
  std::optional<std::string> problem_;
};

namespace {

// Reads where the text is, without a copy.
class ViewBuffer : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());
    setg(begin, begin, begin + text.size());
  }
};

}  // namespace

Result<YamlDocument> YamlDocument::parse(std::string_view text, int firstLine) {
  YamlDocument out;
  TreeBuilder builder(out, firstLine);
  ViewBuffer buffer(text);
  std::istream stream(&buffer);
  try {
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
  } catch (const YAML::Exception& e) {
    return fail(ErrorKind::Invalid, fmt::format("{}: {}", firstLine + std::max(e.mark.line, 0), e.msg));
  }
  if (builder.problem()) return fail(ErrorKind::Invalid, *builder.problem());
  return out;
}

}  // namespace errand::cli
