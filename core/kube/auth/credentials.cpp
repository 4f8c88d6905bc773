#include "core/kube/auth/credentials.hpp"

#include <string>
#include <utility>

namespace errand::kube {

Result<std::unique_ptr<Credentials>> Credentials::make(Config config, const Clock& clock) {
  auto tls = TlsMaterial::parse(config.caPem, config.clientCertificatePem, config.clientKeyPem);
  if (!tls) return std::unexpected(std::move(tls.error()));
  return std::unique_ptr<Credentials>(new Credentials(std::move(config), std::move(*tls), clock));
}

Credentials::Credentials(Config config, TlsMaterial tls, const Clock& clock)
    : caPem_(config.caPem),
      tls_(std::make_shared<const TlsMaterial>(std::move(tls))),
      plugin_(config.exec ? std::make_unique<ExecPlugin>(config, clock) : nullptr),
      bearer_(std::move(config.tokenFile), std::move(config.token), clock) {}

Result<std::shared_ptr<const TlsMaterial>> Credentials::materialOf(
    const std::shared_ptr<const ExecCredential>& given) {
  if (given->certificatePem.empty()) return tls_;
  const auto last = last_.access();
  if (last->credential != given) {
    auto tls = TlsMaterial::parse(caPem_, given->certificatePem, given->keyPem);
    if (!tls) return std::unexpected(std::move(tls.error()).in("user.exec"));
    *last = {given, std::make_shared<const TlsMaterial>(std::move(*tls))};
  }
  return last->tls;
}

Result<Credential> Credentials::get(const std::stop_token& stop,
                                    std::chrono::steady_clock::time_point deadline) {
  if (!plugin_) {
    auto header = bearer_.header();
    if (!header) return std::unexpected(std::move(header.error()));
    return Credential{std::move(*header), tls_};
  }
  auto given = plugin_->get(stop, deadline);
  if (!given) return std::unexpected(std::move(given.error()));
  auto tls = materialOf(*given);
  if (!tls) return std::unexpected(std::move(tls.error()));
  return Credential{bearerHeader((*given)->token), std::move(*tls)};
}

Result<Credential> Credentials::ofToken(const Sensitive& token) const {
  auto tls = TlsMaterial::parse(caPem_, {}, {});
  if (!tls) return std::unexpected(std::move(tls.error()));
  return Credential{bearerHeader(token), std::make_shared<const TlsMaterial>(std::move(*tls))};
}

void Credentials::refused() {
  if (plugin_)
    plugin_->refused();
  else
    bearer_.refused();
}

}  // namespace errand::kube
