#include "cli/scan/objects.hpp"

#include <fmt/format.h>

namespace errand::cli {
namespace {

using Kind = YamlNode::Kind;

constexpr std::string_view kList = "List";

bool isNull(const YamlNode& node) {
  return node.kind == Kind::Scalar && node.plain &&
         (node.text.empty() || node.text == "~" || node.text == "null");
}

std::string textOf(const YamlNode* node) {
  return node != nullptr && node->kind == Kind::Scalar && !isNull(*node) ? node->text : std::string();
}

class ObjectFinder {
 public:
  void root(const YamlNode& node) {
    if (isNull(node)) return;
    if (node.kind != Kind::List) return object(node, "");
    // Elements of JSON patches and similar lists are no objects.
    for (size_t i = 0; i < node.items.size(); ++i) {
      const YamlNode& item = *node.items[i];
      if (!textOf(item.field("kind")).empty()) object(item, fmt::format("/{}", i));
    }
    if (out.objects.empty() && out.broken.empty()) passes(node, "holds no object");
  }

  Contents out;

 private:
  void object(const YamlNode& node, const std::string& path) {
    const std::string kind = textOf(node.field("kind")), version = textOf(node.field("apiVersion"));
    if (kind.empty() && version.empty()) return passes(node, "holds no object: no apiVersion and kind");
    if (kind.empty()) return passes(node, "holds no object: an apiVersion and no kind");
    if (version.empty()) return passes(node, "holds no object: a kind and no apiVersion");
    known({&node, path, "", ""}, version, kind);
  }

  void known(FoundObject object, const std::string& version, const std::string& kind) {
    const YamlNode* items = object.node->field("items");
    const bool isList = kind.ends_with(kList);
    if (items != nullptr && items->kind == Kind::List) {
      const std::string itemKind = isList ? kind.substr(0, kind.size() - kList.size()) : "";
      for (size_t i = 0; i < items->items.size(); ++i)
        item(*items->items[i], fmt::format("{}/items/{}", object.path, i), version, itemKind, isList);
      if (isList) return;
    } else if (kind == kList) {
      if (items != nullptr && !isNull(*items)) breaks(*items, "items is not a list");
      return;
    }
    out.objects.push_back(std::move(object));
  }

  void item(const YamlNode& node, const std::string& path, const std::string& version,
            const std::string& kind, bool isList) {
    const std::string own = textOf(node.field("kind")), ownVersion = textOf(node.field("apiVersion"));
    if (!own.empty() && !ownVersion.empty()) return known({&node, path, "", ""}, ownVersion, own);
    if (!isList) return;  // an ordinary field of that name
    if (node.kind != Kind::Map) return breaks(node, "an item of the list is no object");
    if (!own.empty()) return breaks(node, "an item of the list has a kind and no apiVersion");
    if (kind.empty()) return breaks(node, "an item of the list has no kind");
    known({&node, path, ownVersion.empty() ? version : "", kind}, ownVersion.empty() ? version : ownVersion,
          kind);
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
