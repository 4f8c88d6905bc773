#include "core/api/secretdata.hpp"

#include <nlohmann/json.hpp>

#include "core/json/value.hpp"

namespace errand::api {

Sensitive SecretData::with(const nlohmann::json& head) const {
  std::string out = printJson(head);
  out.reserve(out.size() + text_.size() + 16);
  out.pop_back();
  out.append(",\"data\":{").append(text_).append("}}");
  return Sensitive(std::move(out));
}

}  // namespace errand::api
