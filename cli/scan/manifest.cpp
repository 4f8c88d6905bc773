#include "cli/scan/manifest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "cli/yaml/scalar.hpp"
#include "core/base/crypto.hpp"
#include "core/json/pointer.hpp"
#include "core/json/value.hpp"
#include "rules/view/describe.hpp"
#include "rules/view/pointer.hpp"

namespace errand::cli {
namespace {

using Json = nlohmann::json;

// The object is read again for each field that is wrong. Beyond these limits, reading a large object would
// take too long.
constexpr size_t kManyUnreadable = 20;
constexpr size_t kMostReread = 64 << 20;  // bytes, in all readings of one object

// https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/
bool isDirective(std::string_view key) {
  return key == "$patch" || key == "$retainKeys" || key.starts_with("$setElementOrder/") ||
         key.starts_with("$deleteFromPrimitiveList/");
}

bool isEncrypted(const Json& value) {
  return value.is_string() && value.get_ref<const std::string&>().starts_with("ENC[AES256_GCM,");
}

// Removes the fields for which `unwanted` returns true, at any depth.
template <class F>
void removeFields(Json& node, const F& unwanted) {
  if (node.is_object())
    for (auto it = node.begin(); it != node.end();)
      it = unwanted(it.key(), *it) ? node.erase(it) : std::next(it);
  if (node.is_structured())
    for (Json& child : node) removeFields(child, unwanted);
}

void readBase64(Json& object, const char* field, std::vector<Unreadable>& unreadable) {
  const auto map = object.find(field);
  if (map == object.end() || !map->is_object()) return;
  for (auto it = map->begin(); it != map->end();) {
    if (!it->is_string()) {
      ++it;
      continue;
    }
    std::string value = *it;
    std::erase_if(value, [](char c) { return c == '\r' || c == '\n'; });
    if (base64Decode(value)) {
      *it++ = std::move(value);
      continue;
    }
    std::string path = fmt::format("/{}", field);
    appendKey(path, it.key());
    unreadable.push_back({path, fmt::format("{}.{} is not base64", field, rules::printable(it.key()))});
    it = map->erase(it);
  }
}

void prepare(Json& object, std::string_view kind, std::vector<Unreadable>& unreadable) {
  removeFields(object, [](const std::string& key, const Json&) { return isDirective(key); });
  const auto sops = object.find("sops");
  if (sops != object.end() && sops->is_object() && sops->contains("mac"))
    removeFields(object, [](const std::string&, const Json& value) { return isEncrypted(value); });
  if (kind == "Secret") readBase64(object, "data", unreadable);
  if (kind == "ConfigMap") readBase64(object, "binaryData", unreadable);
}

// Returns the kind of the object or of its list; empty if there is none.
std::string_view kindOf(const FoundObject& object) {
  const YamlNode* own = object.node->field("kind");
  return object.kind.empty() && own != nullptr ? own->text : object.kind;
}

bool needsPreparing(const FoundObject& object, std::string_view text) {
  const std::string_view name = kindOf(object);
  return name == "Secret" || (name == "ConfigMap" && object.node->field("binaryData") != nullptr) ||
         object.node->field("sops") != nullptr || text.find("\"$") != std::string_view::npos;
}

// The position that an error of the reader names: "spec.containers[0].env is not a list".
struct Place {
  Json* parent = nullptr;  // null if the error names no field
  std::string key;         // of an object
  size_t index = 0;        // of a list
  std::string pointer;
};

// Returns the position that the message names. Keys may have dots and blanks, so the longest key that fits
// counts.
Place placeOf(Json& root, std::string_view message) {
  Place out;
  Json* node = &root;
  while (!message.empty() && !message.starts_with(' ')) {
    if (message.starts_with('.')) message.remove_prefix(1);
    if (message.starts_with('[') && node->is_array()) {
      const size_t end = message.find(']');
      size_t index = node->size();
      std::from_chars(message.data() + 1, message.data() + message.size(), index);
      if (end == std::string_view::npos || index >= node->size()) return out;
      out.parent = node;
      out.index = index;
      out.pointer += fmt::format("/{}", index);
      node = &(*node)[index];
      message.remove_prefix(end + 1);
      continue;
    }
    if (!node->is_object()) return out;
    const auto fits = [&](const std::string& key) {
      const std::string_view rest = message.starts_with(key) ? message.substr(key.size()) : "?";
      return rest.empty() || rest.starts_with('.') || rest.starts_with('[') || rest.starts_with(' ');
    };
    std::string longest;
    for (const auto& [key, value] : node->items())
      if (key.size() > longest.size() && fits(key)) longest = key;
    if (longest.empty()) return out;
    out.parent = node;
    out.key = longest;
    appendKey(out.pointer, longest);
    node = &(*node)[longest];
    message.remove_prefix(longest.size());
  }
  return out;
}

// Removes what the reader could not read. Returns false if its position is not known, or if it cannot be
// removed.
bool removeAt(const Place& place, std::string_view message) {
  if (place.parent == nullptr) return false;
  Json& value = place.parent->is_array() ? (*place.parent)[place.index] : (*place.parent)[place.key];
  if (message.ends_with(" is not a map of strings") && value.is_object())
    removeFields(value, [](const std::string&, const Json& one) { return !one.is_string(); });
  else if (message.ends_with(" is not a list of strings") && value.is_array())
    value.erase(std::remove_if(value.begin(), value.end(), [](const Json& one) { return !one.is_string(); }),
                value.end());
  else if (place.parent->is_object())
    place.parent->erase(place.key);
  else if (message.ends_with(" is not an object") && !value.is_object())
    value = Json::object();  // the items after it keep their positions
  else
    return false;
  return true;
}

// Adds a field that the object itself lacks. Returns false if the message is about something else.
bool addMissing(Json& object, std::string_view message) {
  constexpr std::string_view kLacks = "object has no ";
  if (!object.is_object() || !message.starts_with(kLacks)) return false;
  object[std::string(message.substr(kLacks.size()))] = Json::object();
  return true;
}

}  // namespace

Result<Manifest> readManifest(const FoundObject& object) {
  Result<std::string> text = toJson(*object.node);
  if (!text) return std::unexpected(text.error());
  Manifest out;
  out.json = std::move(*text);
  Json parsed;
  const bool isTyped = object.kind.empty();  // else its list says what it is
  if (!isTyped || needsPreparing(object, out.json)) {
    if (auto read = parseJson(out.json)) {
      parsed = std::move(*read);
      if (!isTyped) parsed["kind"] = object.kind;
      if (!object.apiVersion.empty()) parsed["apiVersion"] = object.apiVersion;
      if (needsPreparing(object, out.json)) prepare(parsed, kindOf(object), out.unreadable);
      out.json = printJson(parsed);
    }
  }
  for (;;) {
    Result<rules::ObjectView> view = rules::readObject(out.json);
    if (view) {
      out.view = std::move(*view);
      return out;
    }
    const std::string& message = view.error().message;
    if (parsed.is_null()) parsed = parseJson(out.json).value_or(nullptr);
    const Place place = parsed.is_object() ? placeOf(parsed, message) : Place{};
    // A patch may change only the metadata of a template. The API server stores no such workload.
    const bool isPatch = place.parent != nullptr && message.ends_with(" has no spec");
    if (!isPatch) out.unreadable.push_back({place.parent == nullptr ? "" : place.pointer, message});
    const size_t wrong = out.unreadable.size();
    if (wrong >= kManyUnreadable && wrong * out.json.size() > kMostReread) break;
    if (!addMissing(parsed, message) && !removeAt(place, message)) break;
    std::string mended = printJson(parsed);
    if (mended == out.json) break;  // nothing was removed
    out.json = std::move(mended);
  }
  out.view.kind = kindOf(object);
  return out;
}

}  // namespace errand::cli
