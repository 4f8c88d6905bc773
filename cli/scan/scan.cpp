#include "cli/scan/scan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <tuple>

#include "cli/scan/manifestindex.hpp"
#include "cli/yaml/tree.hpp"
#include "cli/yaml/utf8.hpp"
#include "rules/catalogue/exempt.hpp"
#include "rules/catalogue/where.hpp"

namespace errand::cli {
namespace {

using rules::Finding;
using rules::ObjectView;

constexpr std::string_view kUnreadable = "SC190";

// An object, and where to find its lines again: reading a file a second time
// costs less than keeping every document's tree.
struct ScannedObject {
  size_t input;
  YamlChunk chunk;
  std::string path;  // within the document: /items/3
  ObjectView view;
  std::string unreadable;  // why, where it is
};

class Scanning {
 public:
  Scanning(const std::vector<Input>& inputs, const ScanOptions& options)
      : inputs_(inputs), options_(options) {}

  Report run() {
    for (size_t i = 0; i < inputs_.size(); ++i) {
      if (!isText(i)) continue;
      for (const YamlChunk& chunk : splitStream(inputs_[i].text)) read(i, chunk);
    }
    views_ = world_.views();
    views_.settings = options_.rules;
    for (const ScannedObject& object : objects_) evaluate(object);
    report_.places = inputs_.size();
    report_.objects = objects_.size();
    const auto order = [](const Located& a, const Located& b) {
      return std::tie(a.file, a.line, a.finding.rule, a.finding.text) <
             std::tie(b.file, b.line, b.finding.rule, b.finding.text);
    };
    std::ranges::stable_sort(report_.findings, order);
    return std::move(report_);
  }

 private:
  // Bytes that are none would be read as a value, and pass.
  bool isText(size_t input) {
    const std::string_view text = inputs_[input].text;
    const size_t good = textPrefix(text);
    if (good == text.size()) return true;
    const auto line = 1 + std::ranges::count(text.substr(0, good), '\n');
    breaks(input, static_cast<int>(line), "is not UTF-8 text; save it as UTF-8");
    return false;
  }

  // The error's message begins with its line.
  void breaks(size_t input, int line, std::string_view message) {
    int own = 0;
    const auto [end, error] = std::from_chars(message.data(), message.data() + message.size(), own);
    if (error == std::errc{} && std::string_view(end).starts_with(": ")) {
      line = own;
      message.remove_prefix(static_cast<size_t>(end - message.data()) + 2);
    }
    report_.broken.push_back({inputs_[input].name, line, std::string(message)});
  }

  void read(size_t input, const YamlChunk& chunk) {
    const Result<YamlDocument> document = YamlDocument::parse(chunk.text, chunk.firstLine);
    if (!document) return breaks(input, chunk.firstLine, document.error().message);
    if (document->root() != nullptr) readNode(input, chunk, *document->root(), "");
  }

  void readNode(size_t input, const YamlChunk& chunk, const YamlNode& node, const std::string& path) {
    const YamlNode* kind = node.field("kind");
    const YamlNode* items = node.field("items");
    if (kind == nullptr || node.field("apiVersion") == nullptr) return;  // values, not an object
    if (kind->text.ends_with("List") && items != nullptr && items->kind == YamlNode::Kind::List) {
      for (size_t i = 0; i < items->items.size(); ++i)
        readNode(input, chunk, *items->items[i], fmt::format("{}/items/{}", path, i));
      return;
    }
    const Result<std::string> json = toJson(node);
    if (!json) return breaks(input, node.line, json.error().message);
    ScannedObject& object = objects_.emplace_back(input, chunk, path, ObjectView(), "");
    if (Result<ObjectView> view = rules::readObject(*json)) {
      object.view = std::move(*view);
    } else {
      object.view.kind = kind->text;
      object.unreadable = view.error().message;
      return;
    }
    world_.addRole(object.view, namespaceOf(object.view));
    if (object.view.is("", "Namespace")) world_.addNamespace(object.view.name, object.view.labels);
    if (object.view.group != "errand.dev") return;
    if (const Result<void> added = world_.add(object.view.kind, *json, namespaceOf(object.view)); !added)
      object.unreadable = added.error().message;
  }

  std::string namespaceOf(const ObjectView& view) const { return view.ns.empty() ? options_.ns : view.ns; }

  void evaluate(const ScannedObject& object) {
    const std::string ns = namespaceOf(object.view);
    rules::Verdict verdict;
    if (!object.unreadable.empty()) {
      const std::string field = object.unreadable.substr(0, object.unreadable.find(' '));
      verdict.findings.push_back(
          {kUnreadable,
           fmt::format("{} cannot be read: {}", rules::printable(object.view.kind), object.unreadable),
           "write the field as the API has it", rules::pointer(field)});
    } else {
      verdict = rules::evaluate(object.view, {ns, "", views_}, rules::Stage::File);
      const rules::PodView* pod = object.view.pod ? &*object.view.pod : nullptr;
      report_.exempted += rules::exempt(verdict, {object.view.kind, object.view.name, pod},
                                        views_.exemptions(ns), options_.now)
                              .size();
    }
    if (verdict.findings.empty()) return;
    const Result<YamlDocument> document = YamlDocument::parse(object.chunk.text, object.chunk.firstLine);
    for (Finding& finding : verdict.findings) {
      const int line = document && document->root() != nullptr
                           ? lineOf(*document->root(), object.path + finding.path)
                           : object.chunk.firstLine;
      report_.findings.push_back(
          {.file = inputs_[object.input].name,
           .line = line,
           .ns = ns,
           .kind = object.view.kind,
           .name = object.view.name.empty() ? object.view.generateName : object.view.name,
           .finding = std::move(finding)});
    }
  }

  const std::vector<Input>& inputs_;
  const ScanOptions& options_;
  ManifestIndex world_;
  rules::Views views_;
  std::vector<ScannedObject> objects_;
  Report report_;
};

}  // namespace

Report scan(const std::vector<Input>& inputs, const ScanOptions& options) {
  return Scanning(inputs, options).run();
}

}  // namespace errand::cli
