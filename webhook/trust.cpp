#include "webhook/trust.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/api/webhooks.hpp"
#include "core/base/log.hpp"
#include "core/kube/pause.hpp"
#include "core/serve/tls.hpp"

namespace errand::webhook {
namespace {

constexpr Millis kReload{5'000}, kReloadSoon{500};

}  // namespace

Trust::Trust(const kube::Client& client, std::string name)
    : client_(client), name_(std::move(name)), thread_([this](const std::stop_token& stop) { run(stop); }) {}

void Trust::run(const std::stop_token& stop) {
  if (name_.empty()) return;
  bool failing = false;
  do {
    Result<std::vector<std::string>> bundles = read();
    if (bundles) {
      const auto known = known_.access();
      known->read = true;
      known->bundles = std::move(*bundles);
    } else if (!failing && bundles.error().kind != ErrorKind::Cancelled) {
      log::warn("webhook configurations not read, trying again", {{"error", bundles.error().message}});
    }
    failing = !bundles;
  } while (kube::systemPause()(failing ? kReloadSoon : kReload, stop));
}

Result<std::vector<std::string>> Trust::read() const {
  std::vector<std::string> out;
  for (const api::Resource& kind : {api::kMutatingWebhooks, api::kValidatingWebhooks}) {
    const auto configuration = client_.get(kind, "", name_);
    if (!configuration && configuration.error().kind == ErrorKind::NotFound) continue;
    if (!configuration) return std::unexpected(configuration.error());
    auto bundles = api::caBundles(*configuration);
    if (!bundles) return std::unexpected(std::move(bundles.error()));
    for (std::string& pem : *bundles)
      if (std::ranges::find(out, pem) == out.end()) out.push_back(std::move(pem));
  }
  return out;
}

Result<void> Trust::accepts(std::string_view chain, Time now) {
  if (name_.empty()) return {};
  const auto known = known_.access();
  if (!known->read) return fail(ErrorKind::Unavailable, "the webhook configurations are not read yet");
  for (const std::string& bundle : known->bundles)
    if (auto verified = serve::verifyChain(chain, bundle, now); !verified) return verified;
  return {};
}

}  // namespace errand::webhook
