#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <istream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <streambuf>
#include <unordered_map>

#include "cli/yaml/scalar.hpp"
#include "cli/yaml/tree.hpp"
#include "cli/yaml/utf8.hpp"
#include "core/base/crypto.hpp"
#include "core/json/document.hpp"
#include "rules/view/describe.hpp"

namespace errand::cli {
namespace {

// Returns the message "12: the key … stands twice in one map" for the first duplicate key of a map's own
// fields; empty if there is none.
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

}  // namespace

namespace {
// The most fields that merge keys bring into one text. Aliases could multiply them.
constexpr size_t kMostMerged = 1'000'000;
}  // namespace

class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(YamlDocument& out, int firstLine) : out_(out), firstLine_(firstLine) {}

  // Fails at a stray bracket. The parser reads it as an empty document and does not consume it, again and
  // again.
  void OnDocumentStart(const YAML::Mark& mark) override {
    if (mark.pos <= start_) throw YAML::ParserException(mark, "text behind the end of the document");
    start_ = mark.pos;
  }
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
    const bool plain = tag.empty() || tag == "?";
    mergeKey_ = value == "<<" && (plain || tag == "tag:yaml.org,2002:merge");
    const bool isBinary = tag == "tag:yaml.org,2002:binary";
    const std::string text = isBinary ? decoded(mark, value) : value;
    add(mark, anchor, YamlNode::Kind::Scalar, text, plain || isResolved(tag));
    mergeKey_ = false;
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
    const Open done = std::move(stack_.back());
    stack_.pop_back();
    report(duplicateKey(*done.node));
    if (!done.merges.empty()) merge(done);
  }

  const std::optional<std::string>& problem() const { return problem_; }

 private:
  // The value of a merge key, and the number of own fields before it.
  struct Merge {
    const YamlNode* from;
    size_t before;
  };
  struct Open {
    YamlNode* node;
    std::optional<std::pair<std::string, int>> key = {};
    bool mergeKey = false;  // the key is <<
    std::vector<Merge> merges = {};
  };

  // True for a tag whose value is read like one without a tag: !!bool 'yes' is true.
  static bool isResolved(std::string_view tag) {
    constexpr std::string_view kCore = "tag:yaml.org,2002:";
    if (!tag.starts_with(kCore)) return false;
    tag.remove_prefix(kCore.size());
    return tag == "bool" || tag == "int" || tag == "float" || tag == "null";
  }

  // Returns the value of a scalar with the tag !!binary, which kubectl decodes.
  static std::string decoded(const YAML::Mark& mark, std::string text) {
    std::erase_if(text, [](char c) { return c == '\r' || c == '\n'; });
    const auto bytes = base64Decode(text);
    if (!bytes) throw YAML::ParserException(mark, "the value of !!binary is not base64");
    if (textPrefix(*bytes) < bytes->size())
      throw YAML::ParserException(mark, "the value of !!binary is no text");
    return *bytes;
  }

  int lineAt(const YAML::Mark& mark) const { return firstLine_ + std::max(mark.line, 0); }

  YamlNode& add(const YAML::Mark& mark, YAML::anchor_t anchor, YamlNode::Kind kind,
                const std::string& scalar = {}, bool plain = true) {
    YamlNode& node = out_.nodes_.emplace_back();
    node.kind = kind;
    node.line = lineAt(mark);
    node.text = scalar;
    node.plain = plain;
    if (anchor != 0) anchors_[anchor] = &node;
    place(mark, node);
    return node;
  }

  void place(const YAML::Mark& mark, const YamlNode& node) {
    if (stack_.empty()) {
      out_.roots_.push_back(&node);
      return;
    }
    Open& open = stack_.back();
    if (open.node->kind == YamlNode::Kind::List) {
      open.node->items.push_back(&node);
    } else if (!open.key) {
      if (node.kind != YamlNode::Kind::Scalar) throw YAML::ParserException(mark, "a key that is no string");
      const bool isPlain = node.plain && !mergeKey_;
      open.key = {isPlain ? plainKey(node.text) : node.text, lineAt(mark)};
      if (isPlain && open.key->first == "null") throw YAML::ParserException(mark, "a key that is null");
      open.mergeKey = mergeKey_;
    } else {
      if (open.mergeKey)
        open.merges.push_back({&node, open.node->fields.size()});
      else
        open.node->fields.push_back({std::move(open.key->first), open.key->second, &node});
      open.key.reset();
    }
  }

  // Merges like the library of kubectl: the fields of a merge key override own fields before it, and own
  // fields after it override them. In a list of maps, the first map with a key wins.
  void merge(const Open& map) {
    std::vector<YamlNode::Field>& fields = map.node->fields;
    const size_t own = fields.size();
    struct Taken {
      size_t at, by;  // an index of `merged`, and of map.merges
    };
    std::unordered_map<std::string_view, Taken> taken;
    std::vector<YamlNode::Field> merged;
    const auto take = [&](const YamlNode& from, size_t by) {
      for (const YamlNode::Field& field : from.fields) {
        if (++merged_ > kMostMerged)
          return report(fmt::format("{}: merge keys bring in more than {} fields", from.line, kMostMerged));
        const auto [known, isNew] = taken.try_emplace(field.key, Taken{merged.size(), by});
        if (isNew)
          merged.push_back(field);
        else if (known->second.by != by)
          merged[known->second.at] = field, known->second.by = by;
      }
    };
    for (size_t by = 0; by < map.merges.size(); ++by) {
      const YamlNode& from = *map.merges[by].from;
      const auto isMap = [](const YamlNode* item) { return item->kind == YamlNode::Kind::Map; };
      if (isMap(&from))
        take(from, by);
      else if (from.kind == YamlNode::Kind::List && std::ranges::all_of(from.items, isMap))
        for (const YamlNode* item : from.items) take(*item, by);
      else
        return report(fmt::format("{}: a merge key needs a map or a list of maps", from.line));
    }
    for (size_t i = 0; i < own; ++i) {
      const auto known = taken.find(fields[i].key);
      if (known == taken.end()) continue;
      YamlNode::Field& field = merged[known->second.at];
      if (i < map.merges[known->second.by].before) fields[i] = field;
      field.value = nullptr;
    }
    for (YamlNode::Field& field : merged)
      if (field.value != nullptr) fields.push_back(std::move(field));
  }

  void report(std::string problem) {
    if (!problem.empty() && !problem_) problem_ = std::move(problem);
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
  bool mergeKey_ = false;  // of the scalar that is being added
  int start_ = -1;         // of the document
  size_t merged_ = 0;      // fields from merge keys
};

namespace {

// Reads the text without copying it.
class ViewBuffer : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());
    setg(begin, begin, begin + text.size());
  }
};

}  // namespace

Result<YamlDocument> YamlDocument::parse(std::string_view text, int firstLine) {
  const bool isJson =
      (text.starts_with('{') || text.starts_with('[')) && JsonDocument::parse(text).has_value();
  return isJson ? Result<YamlDocument>(parseJson(text, firstLine)) : parseYaml(text, firstLine);
}

Result<YamlDocument> YamlDocument::parseYaml(std::string_view text, int firstLine) {
  YamlDocument out;
  TreeBuilder builder(out, firstLine);
  // Rejects a byte order mark at the beginning of a line. libyaml ignores it, and yaml-cpp would read it as a
  // part of the key.
  if (const size_t mark = text.find("\n\xef\xbb\xbf"); mark != std::string_view::npos)
    return fail(ErrorKind::Invalid,
                fmt::format("{}: a byte order mark inside of a document",
                            firstLine + 1 + std::ranges::count(text.substr(0, mark), '\n')));
  ViewBuffer buffer(text);
  std::istream stream(&buffer);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) continue;
  } catch (const YAML::Exception& e) {
    return fail(ErrorKind::Invalid, fmt::format("{}: {}", firstLine + std::max(e.mark.line, 0), e.msg));
  }
  if (builder.problem()) return fail(ErrorKind::Invalid, *builder.problem());
  return out;
}

}  // namespace errand::cli
