#include "operator/apply/secrets/secretdata.hpp"

#include <nlohmann/json.hpp>

namespace errand::apply {

Sensitive SecretData::with(const nlohmann::json& head) const {
  std::string out = head.dump();
  out.reserve(out.size() + text_.size() + 16);
  out.pop_back();
  out.append(",\"data\":{").append(text_).append("}}");
  return Sensitive(std::move(out));
}

nlohmann::json secretHead(api::ObjectMeta meta, const std::string& uid, const std::string& version) {
  meta.uid = uid;
  meta.resourceVersion = version;
  return {{"apiVersion", "v1"}, {"kind", "Secret"}, {"type", "Opaque"}, {"metadata", api::encode(meta)}};
}

}  // namespace errand::apply
