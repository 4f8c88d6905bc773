#include "cli/scan/objects.hpp"

#include <fmt/format.h>

#include "cli/yaml/scalar.hpp"

namespace errand::cli {
namespace {

using Kind = YamlNode::Kind;

constexpr std::string_view kList = "List";
// Aliases can make a list its own item, or multiply items.
constexpr size_t kMostItems = 100'000;

bool isNull(const YamlNode& node) {
  return node.kind == Kind::Scalar && node.plain && plainScalar(node.text) == "null";
}

std::string textOf(const YamlNode* node) {
  return node != nullptr && node->kind == Kind::Scalar && !isNull(*node) ? node->text : std::string();
}

class ObjectFinder {
 public:
  void root(const YamlNode& node) {
    if (isNull(node)) return;
    if (node.kind != Kind::List) return object(node, "");
    // Skips the elements of JSON patches and similar lists, which are no objects.
    for (size_t i = 0; i < node.items.size(); ++i) {
      const YamlNode& item = *node.items[i];
      if (!textOf(item.field("kind")).empty()) object(item, fmt::format("/{}", i));
    }
    if (out.objects.empty() && out.broken.empty()) passes(node, "holds no object");
  }

  Contents out;

 private:
  size_t items_ = 0;

  void object(const YamlNode& node, const std::string& path) {
    const std::string kind = textOf(node.field("kind")), version = textOf(node.field("apiVersion"));
    if (kind.empty() && version.empty()) return passes(node, "holds no object: no apiVersion and kind");
    if (kind.empty()) return passes(node, "holds no object: an apiVersion and no kind");
    const YamlNode* items = node.field("items");
    const bool isList = items != nullptr && items->kind == Kind::List;  // kubectl takes one without a version
    if (version.empty() && !isList) return passes(node, "holds no object: a kind and no apiVersion");
    known({&node, path, "", ""}, version, kind, 0);
  }

  void known(FoundObject object, const std::string& version, const std::string& kind, size_t depth) {
    if (depth > kDeepest) return breaks(*object.node, fmt::format("lists nested deeper than {}", kDeepest));
    const YamlNode* items = object.node->field("items");
    const bool isList = kind.ends_with(kList);
    if (items != nullptr && items->kind == Kind::List) {
      const std::string itemKind = isList ? kind.substr(0, kind.size() - kList.size()) : kind;
      for (size_t i = 0; i < items->items.size(); ++i) {
        if (items_ == kMostItems) return;
        if (++items_ == kMostItems)
          return breaks(*items, fmt::format("a list of more than {} items: split it", kMostItems));
        item(*items->items[i], fmt::format("{}/items/{}", object.path, i), version, itemKind, isList,
             depth + 1);
      }
      if (isList || version.empty()) return;
    } else if (kind == kList) {
      if (items != nullptr && !isNull(*items)) breaks(*items, "items is not a list");
      return;
    }
    out.objects.push_back(std::move(object));
  }

  void item(const YamlNode& node, const std::string& path, const std::string& version,
            const std::string& kind, bool isList, size_t depth) {
    const std::string own = textOf(node.field("kind")), ownVersion = textOf(node.field("apiVersion"));
    if (!own.empty() && !ownVersion.empty()) return known({&node, path, "", ""}, ownVersion, own, depth);
    if (!isList) {
      // kubectl reads these items as objects. An item without a kind has that of the list.
      if (node.kind == Kind::Map && !version.empty())
        known({&node, path, version, own.empty() ? kind : own}, version, own.empty() ? kind : own, depth);
      return;
    }
    if (node.kind != Kind::Map) return breaks(node, "an item of the list is no object");
    if (!own.empty()) return breaks(node, "an item of the list has a kind and no apiVersion");
    if (kind.empty()) return breaks(node, "an item of the list has no kind");
    if (version.empty()) return breaks(node, "an item of the list has no apiVersion");
    known({&node, path, ownVersion.empty() ? version : "", kind}, ownVersion.empty() ? version : ownVersion,
          kind, depth);
  }

  void breaks(const YamlNode& node, std::string text) { out.broken.push_back({node.line, std::move(text)}); }
  void passes(const YamlNode& node, std::string text) { out.passed.push_back({node.line, std::move(text)}); }
};

}  // namespace

Contents contentsOf(const YamlNode& root) {
  ObjectFinder finder;
  finder.root(root);
  return std::move(finder.out);
}

}  // namespace errand::cli
