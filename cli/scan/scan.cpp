#include "cli/scan/scan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>

#include "cli/scan/manifest.hpp"
#include "cli/scan/manifestindex.hpp"
#include "cli/scan/objects.hpp"
#include "cli/scan/podspecs.hpp"
#include "cli/yaml/stream.hpp"
#include "cli/yaml/tree.hpp"
#include "cli/yaml/utf8.hpp"
#include "core/api/resource.hpp"
#include "rules/catalogue/exempt.hpp"
#include "rules/catalogue/where.hpp"
#include "rules/view/pointer.hpp"

namespace errand::cli {
namespace {

using rules::Finding;
using rules::ObjectView;

constexpr std::string_view kUnreadable = "SC190";

// An object, and where to find its lines. Parsing a document a second time costs less memory than keeping all
// trees.
struct ScannedObject {
  // The document: the index of the input, of its text, and of the document in that text.
  size_t input, chunk, root;
  std::string path;  // within the document: /items/3
  ObjectView view;
  std::vector<Unreadable> unreadable;
  // Pods in fields that the object's kind does not define: their paths and contents.
  std::vector<std::pair<FoundPod, ObjectView>> pods = {};
};

// True for cluster-scoped objects.
bool isOfTheCluster(const ObjectView& view) {
  constexpr auto kKinds = std::to_array<std::string_view>(
      {"CertificateSigningRequest", "Namespace", "Node", "PersistentVolume", "StorageClass"});
  return view.ns.empty() &&
         (view.kind.starts_with("Cluster") || std::ranges::find(kKinds, view.kind) != kKinds.end());
}

class Scanning {
 public:
  Scanning(const std::vector<Input>& inputs, const ScanOptions& options)
      : inputs_(inputs), options_(options) {}

  Report run() {
    for (size_t i = 0; i < inputs_.size(); ++i) {
      options_.progress(i, inputs_.size(), "files");
      if (!isText(i)) continue;
      for (YamlChunk& chunk : splitStream(inputs_[i].text)) {
        chunks_.push_back(std::move(chunk));
        read(i);
      }
    }
    readRoles();
    for (size_t i = 0; i < objects_.size(); ++i) {
      options_.progress(i, objects_.size(), "objects");
      evaluate(objects_[i]);
    }
    report_.places = inputs_.size();
    const auto order = [](const Located& a, const Located& b) {
      return std::tie(a.file, a.line, a.finding.rule, a.finding.text) <
             std::tie(b.file, b.line, b.finding.rule, b.finding.text);
    };
    std::ranges::stable_sort(report_.findings, order);
    return std::move(report_);
  }

 private:
  // Reports an input that is no text. Its bytes would otherwise be read as a value.
  bool isText(size_t input) {
    const std::string_view text = inputs_[input].text;
    const size_t good = textPrefix(text);
    if (good == text.size()) return true;
    const auto line = 1 + std::ranges::count(text.substr(0, good), '\n');
    breaks(input, static_cast<int>(line), "is not UTF-8 text; save it as UTF-8");
    return false;
  }

  void breaks(size_t input, int line, std::string message) {
    report_.broken.push_back({inputs_[input].name, line, std::move(message)});
  }

  // Reports a skipped file once, even if it has several documents.
  void passes(size_t input, int line, std::string message) {
    if (!report_.passed.empty() && report_.passed.back().what == inputs_[input].name) return;
    report_.passed.push_back({inputs_[input].name, line, std::move(message)});
  }

  // Reads the last chunk.
  void read(size_t input) {
    const YamlChunk& chunk = chunks_.back();
    const Result<YamlDocument> document = YamlDocument::parse(chunk.text, chunk.firstLine);
    if (!document) return unparsed(input, chunk, document.error().message);
    for (size_t root = 0; root < document->roots().size(); ++root) {
      const Contents contents = contentsOf(*document->roots()[root]);
      for (const Remark& remark : contents.broken) breaks(input, remark.line, remark.text);
      for (const Remark& remark : contents.passed) passes(input, remark.line, remark.text);
      for (const FoundObject& object : contents.objects) take(input, root, object);
    }
  }

  void unparsed(size_t input, const YamlChunk& chunk, std::string_view message) {
    int line = chunk.firstLine;
    const auto [end, error] = std::from_chars(message.data(), message.data() + message.size(), line);
    if (error == std::errc{} && std::string_view(end).starts_with(": "))
      message.remove_prefix(static_cast<size_t>(end - message.data()) + 2);
    // Another .json file, such as the settings of an editor, may hold comments.
    const bool isOther =
        inputs_[input].name.ends_with(".json") && chunk.text.find("apiVersion") == std::string_view::npos;
    if (isOther) return passes(input, line, fmt::format("is no manifest: {}", message));
    const bool isTemplate = chunk.text.find("{{") != std::string_view::npos;
    breaks(input, line,
           isTemplate ? fmt::format("{}; render a template first", message) : std::string(message));
  }

  void take(size_t input, size_t root, const FoundObject& found) {
    Result<Manifest> manifest = readManifest(found);
    if (!manifest) return breaks(input, found.node->line, manifest.error().message);
    ScannedObject& object = objects_.emplace_back(input, chunks_.size() - 1, root, found.path,
                                                  std::move(manifest->view), std::move(manifest->unreadable));
    takePods(*found.node, object);
    const std::string ns = namespaceOf(object.view);
    world_.addRole(object.view, ns);
    if (object.view.is("", "Namespace")) world_.addNamespace(object.view.name, object.view.labels);
    if (object.view.group != "errand.dev") return;
    if (const Result<void> added = world_.addObject(object.view.kind, manifest->json, ns); !added) {
      const std::string& message = added.error().message;
      object.unreadable.push_back({rules::pointer(message.substr(0, message.find(' '))), message});
    }
  }

  // Adds the pods in fields that the rules do not know.
  static void takePods(const YamlNode& node, ScannedObject& object) {
    if (object.view.is("", "Pod") || object.view.group == "errand.dev") return;
    for (FoundPod& pod : podsIn(node, object.view.podPath)) {
      const Result<std::string> text = asPodTemplate(pod);
      Result<ObjectView> view = text ? rules::readObject(*text) : std::unexpected(text.error());
      if (!view) {
        if (pod.isSure()) object.unreadable.push_back(unreadablePod(pod, view.error().message));
        continue;
      }
      pod.parent = pod.node = nullptr;  // the tree is destroyed
      pod.containers.clear();
      object.pods.emplace_back(std::move(pod), std::move(*view));
    }
  }

  // Translates an error of the reader, whose field is in the template that was made from the pod.
  static Unreadable unreadablePod(const FoundPod& pod, std::string_view message) {
    constexpr std::string_view kTemplate = "template.spec.";
    if (message.starts_with(kTemplate)) message.remove_prefix(kTemplate.size());
    return {pod.path, fmt::format("the pod at {}: {}", rules::fieldOf(pod.path), message)};
  }

  // Computes the rules of aggregated roles where a check needs them, because a large input may have many.
  void readRoles() {
    std::set<std::string_view> bound;
    for (const ScannedObject& object : objects_)
      if (object.view.roleKind == api::kClusterRoles.kind) bound.insert(object.view.roleName);
    for (const ScannedObject& object : objects_)
      if (object.view.aggregation && bound.contains(object.view.name)) world_.addAggregated(object.view);
    world_.addExtendedBuiltIns();
    for (const auto& identity : world_.identities(""))
      for (const api::ToolClass& c : identity->toolClasses)
        for (const api::AllowedRole& role : c.access.clusterRoles) ofToolClasses_.insert(role.name);
  }

  std::string namespaceOf(const ObjectView& view) const { return view.ns.empty() ? options_.ns : view.ns; }

  bool isChecked(const ObjectView& view, const std::string& ns) const {
    if (isOfTheCluster(view)) return true;
    if (std::ranges::find(options_.neverEnrolled, ns) != options_.neverEnrolled.end()) return false;
    return !options_.enrolledOnly || rules::modeOf(world_, ns).value_or(rules::Mode::Off) != rules::Mode::Off;
  }

  void evaluate(ScannedObject& object) {
    if (object.view.aggregation && ofToolClasses_.contains(object.view.name))
      object.view.aggregation = world_.aggregationOf(object.view);
    const std::string ns = namespaceOf(object.view);
    if (!isChecked(object.view, ns)) {
      ++report_.notEnrolled;
      return;
    }
    ++report_.objects;
    if (object.pods.empty() && object.unreadable.empty() && !isJudgedKind(object.view))
      ++report_.unjudged[typeOf(object.view)];
    rules::Verdict verdict = check(object, object.view, ns);
    object.view.aggregation.reset();
    for (const auto& [pod, view] : object.pods)
      for (Finding& finding : check(object, view, ns).findings) {
        finding.path = pathIn(pod, finding.path);
        verdict.findings.push_back(std::move(finding));
      }
    for (const Unreadable& one : object.unreadable)
      verdict.findings.push_back(
          {kUnreadable, fmt::format("{} cannot be read: {}", rules::printable(object.view.kind), one.message),
           "write the field as the API has it", one.path});
    report_.incomplete |= !object.unreadable.empty();
    for (Finding& finding : verdict.findings)
      report_.findings.push_back(
          {.file = inputs_[object.input].name,
           .line = lineOf(object, finding.path),
           .ns = ns,
           .kind = object.view.kind,
           .name = object.view.name.empty() ? object.view.generateName : object.view.name,
           .finding = std::move(finding)});
  }

  rules::Verdict check(const ScannedObject& object, const ObjectView& view, const std::string& ns) {
    rules::Verdict verdict =
        rules::evaluate(view, {ns, "", world_, options_.rules}, rules::CheckStage::InFile);
    const rules::PodView* pod = view.pod ? &*view.pod : nullptr;
    report_.exempted +=
        rules::exempt(verdict, {object.view.kind, object.view.name, pod}, world_.exemptions(ns), options_.now)
            .size();
    return verdict;
  }

  static std::string typeOf(const ObjectView& view) {
    return view.group.empty() ? view.kind : view.kind + '.' + view.group;
  }

  int lineOf(const ScannedObject& object, const std::string& path) {
    const YamlChunk& chunk = chunks_[object.chunk];
    if (parsed_ != object.chunk) {  // a list of many objects is parsed once
      document_ = YamlDocument::parse(chunk.text, chunk.firstLine);
      parsed_ = object.chunk;
    }
    if (!*document_) return chunk.firstLine;
    return cli::lineOf(*(*document_)->roots()[object.root], object.path + path);
  }

  const std::vector<Input>& inputs_;
  const ScanOptions& options_;
  ManifestIndex world_;
  std::vector<YamlChunk> chunks_;
  std::vector<ScannedObject> objects_;
  std::set<std::string> ofToolClasses_;           // names of ClusterRoles
  std::optional<size_t> parsed_;                  // the chunk of `document_`
  std::optional<Result<YamlDocument>> document_;  // kept for the next finding
  Report report_;
};

}  // namespace

Report scan(const std::vector<Input>& inputs, const ScanOptions& options) {
  return Scanning(inputs, options).run();
}

}  // namespace errand::cli
