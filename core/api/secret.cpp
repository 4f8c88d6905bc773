#include "core/api/secret.hpp"

#include "core/base/crypto.hpp"
#include "core/json/node.hpp"

namespace errand::api {
namespace {

// Returns a text field. A field of another type counts as absent, because an error could show data.
std::string textAt(const std::optional<JsonNode>& object, std::string_view key) {
  const auto field = object ? object->child(key) : std::nullopt;
  std::string_view text;
  return field && field->value().get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

}  // namespace

Sensitive Secret::value(std::string_view key) const {
  const auto it = data.find(key);
  if (it == data.end()) return {};
  auto decoded = base64Decode(it->second.reveal());
  return decoded ? Sensitive(std::move(*decoded)) : Sensitive();
}

Result<Secret> readSecret(const Sensitive& text) {
  const auto document = JsonDocument::parse(text.reveal(), {.wipes = true});
  if (!document) return fail(ErrorKind::Invalid, "the Secret is not JSON, or has a key twice");
  JsonNode::Failure failure;
  const JsonNode root(*document, failure);
  Secret out;
  out.type = textAt(root, "type");
  out.uid = textAt(root.child("metadata"), "uid");
  const auto data = root.child("data");
  if (!data || !data->isObject()) return out;
  data->fields([&](std::string_view key, const JsonNode& value) {
    std::string_view encoded;
    if (value.value().get(encoded) == simdjson::SUCCESS)
      out.data.emplace(key, Sensitive(std::string(encoded)));
  });
  return out;
}

}  // namespace errand::api
