#include "core/api/webhooks.hpp"

#include <nlohmann/json.hpp>

#include "core/base/crypto.hpp"

namespace errand::api {

std::vector<std::string> caBundles(const nlohmann::json& configuration) {
  std::vector<std::string> out;
  for (const auto& webhook : configuration.value("webhooks", nlohmann::json::array())) {
    const auto settings = webhook.value("clientConfig", nlohmann::json::object());
    out.push_back(base64Decode(settings.value("caBundle", "")).value_or(""));
  }
  return out;
}

}  // namespace errand::api
