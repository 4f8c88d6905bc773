#include "core/api/secret.hpp"

#include <nlohmann/json.hpp>

#include "core/base/crypto.hpp"

namespace errand::api {
namespace {

std::string textAt(const nlohmann::json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

}  // namespace

Sensitive Secret::value(std::string_view key) const {
  const auto it = data.find(key);
  if (it == data.end()) return {};
  auto decoded = base64Decode(it->second.reveal());
  return decoded ? Sensitive(std::move(*decoded)) : Sensitive();
}

Result<Secret> readSecret(const Sensitive& text) {
  auto object = nlohmann::json::parse(text.reveal(), nullptr, false);
  if (object.is_discarded()) return fail(ErrorKind::Invalid, "the Secret is not JSON");
  Secret out;
  out.type = textAt(object, "type");
  if (const auto meta = object.find("metadata"); meta != object.end()) out.uid = textAt(*meta, "uid");
  const auto data = object.find("data");
  if (data == object.end() || !data->is_object()) return out;
  for (auto& [key, value] : data->items()) {
    if (!value.is_string()) continue;
    auto& copied = value.get_ref<std::string&>();
    out.data.emplace(key, Sensitive(copied));
    Sensitive::wipe(copied);
  }
  return out;
}

}  // namespace errand::api
