#include "core/api/webhooks.hpp"

#include "core/api/table/codec.hpp"
#include "core/base/crypto.hpp"

namespace errand::api {
namespace {

struct Webhook {
  std::string caBundle;
};

struct WebhookConfiguration {
  std::vector<Webhook> webhooks;
};

}  // namespace

template <>
struct Fields<Webhook> {
  static constexpr auto rows = std::tuple(within("clientConfig", field("caBundle", &Webhook::caBundle)));
};

template <>
struct Fields<WebhookConfiguration> {
  static constexpr auto rows = std::tuple(field("webhooks", &WebhookConfiguration::webhooks));
};

Result<std::vector<std::string>> caBundles(const nlohmann::json& configuration) {
  const auto read = decode<WebhookConfiguration>(configuration);
  if (!read) return std::unexpected(read.error());
  std::vector<std::string> out;
  for (const Webhook& webhook : read->webhooks) out.push_back(base64Decode(webhook.caBundle).value_or(""));
  return out;
}

}  // namespace errand::api
