#include "operator/certificates/certificaterotator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/api/secret.hpp"
#include "core/api/secretdata.hpp"
#include "core/api/webhooks.hpp"
#include "core/base/crypto.hpp"
#include "core/base/log.hpp"
#include "operator/certificates/x509.hpp"

namespace errand::certificates {
namespace {

using nlohmann::json;

constexpr const char* kAuthoritySecret = "errand-webhook-ca";
constexpr const char* kServingSecret = "errand-webhook-tls";
constexpr const char* kConfiguration = "errand";
constexpr api::Resource kConfigurations[] = {api::kMutatingWebhooks, api::kValidatingWebhooks};
constexpr Millis kLongestLook{60'000}, kShortestLook{500}, kRetry{5'000};

}  // namespace

// The contents of the authority's Secret, which observe() passes to the step that it leads to.
struct CertificateRotator::Stored {
  std::string authorities;
  std::vector<Authority> all;
  Sensitive signer;
};

void CertificateRotator::run(const std::stop_token& stop, const kube::Pause& pause) {
  kube::repeat([this] { return step(); }, kRetry, "webhook certificates not kept, trying again", stop, pause);
}

Result<Millis> CertificateRotator::step() {
  auto done = act();
  *current_.access() = !done ? Result<void>(std::unexpected(done.error()))
                       : *done > Millis{0}
                           ? Result<void>()
                           : fail(ErrorKind::Unavailable, "the certificates are being replaced");
  return done;
}

Result<Millis> CertificateRotator::act() {
  Stored stored;
  const Result<Observed> observed = observe(stored);
  if (!observed) return std::unexpected(observed.error());
  const Time now = clock_.now();
  const Plan next = plan(*observed, settings_, now);
  Result<void> done;
  switch (next.step) {
    case Step::Wait: {
      const Millis look =
          std::min(kLongestLook, std::chrono::duration_cast<Millis>(settings_.servingLife) / 12);
      return std::clamp(std::min(next.until - now, look), kShortestLook, kLongestLook);
    }
    case Step::MakeAuthority:
      done = makeAuthority(stored, now);
      break;
    case Step::Publish:
      done = publish(next.bundle);
      break;
    case Step::IssueServing:
      done = issueServing(stored, now);
      break;
  }
  if (!done) return std::unexpected(std::move(done.error()));
  return Millis{0};
}

Result<Observed> CertificateRotator::observe(Stored& stored) {
  Observed out;
  const auto secret = [&](const char* name, std::string& certificate, Sensitive& key) -> Result<void> {
    auto raw = client_.getRaw(api::kSecrets, settings_.ns, name);
    if (!raw && raw.error().kind == ErrorKind::NotFound) return {};
    if (!raw) return std::unexpected(std::move(raw.error()));
    const auto held = api::readSecret(*raw);
    if (!held) return {};
    certificate = held->value("tls.crt").reveal();
    key = held->value("tls.key");
    return {};
  };
  std::string serving;
  Sensitive servingKey;
  if (auto read = secret(kAuthoritySecret, stored.authorities, stored.signer); !read)
    return std::unexpected(std::move(read.error()));
  if (auto read = secret(kServingSecret, serving, servingKey); !read)
    return std::unexpected(std::move(read.error()));

  if (const auto all = read(stored.authorities))
    for (const CertificateInfo& one : *all) out.authorities.push_back({one.pem, one.notAfter});
  stored.all = out.authorities;
  out.canSign = !out.authorities.empty() && belongs(out.authorities.front().pem, stored.signer);
  if (const auto info = read(serving); info && belongs(serving, servingKey)) {
    Observed::Serving& is = out.serving.emplace();
    is.notAfter = info->front().notAfter;
    is.names = info->front().names;
    is.trusted =
        std::ranges::any_of(out.authorities, [&](const auto& one) { return signedBy(serving, one.pem); });
    is.bySigner = !out.authorities.empty() && signedBy(serving, out.authorities.front().pem);
  }
  if (auto read = readWebhooks(out); !read) return std::unexpected(std::move(read.error()));
  return out;
}

Result<void> CertificateRotator::readWebhooks(Observed& observed) {
  for (const api::Resource& kind : kConfigurations) {
    const auto configuration = client_.get(kind, "", kConfiguration);
    if (!configuration) return std::unexpected(configuration.error());
    auto bundles = api::caBundles(*configuration);
    if (!bundles) return std::unexpected(std::move(bundles.error()));
    for (std::string& bundle : *bundles) observed.published.push_back(std::move(bundle));
  }
  if (observed.authorities.empty()) return {};
  const std::string& signer = observed.authorities.front().pem;
  const bool everywhere =
      std::ranges::all_of(observed.published, [&](const auto& bundle) { return bundle.contains(signer); });
  if (!everywhere) {
    publishedSince_.reset();
  } else if (!publishedSince_ || publishedSigner_ != signer) {
    publishedSince_ = clock_.now();
    publishedSigner_ = signer;
  }
  observed.publishedSince = publishedSince_;
  return {};
}

Result<void> CertificateRotator::makeAuthority(const Stored& stored, Time now) {
  auto made = certificates::makeAuthority(settings_.authorityLife, now);
  if (!made) return std::unexpected(std::move(made.error()));
  log::info("made an authority for the webhook", {{"notAfter", formatTime(now + settings_.authorityLife)}});
  return store(kAuthoritySecret, made->certificate + bundleOf(stored.all, now), made->key);
}

Result<void> CertificateRotator::issueServing(const Stored& stored, Time now) {
  const Pair signer{stored.all.front().pem, stored.signer.copy()};
  auto made = makeServing(signer, settings_.names, settings_.servingLife, now);
  if (!made) return std::unexpected(std::move(made.error()));
  log::info("issued the webhook's certificate", {{"notAfter", formatTime(now + settings_.servingLife)}});
  return store(kServingSecret, made->certificate, made->key);
}

Result<void> CertificateRotator::publish(const std::string& bundle) {
  for (const api::Resource& kind : kConfigurations) {
    const auto configuration = client_.get(kind, "", kConfiguration);
    if (!configuration) return std::unexpected(configuration.error());
    json operations = json::array();
    size_t index = 0;
    for (const json& webhook : configuration->value("webhooks", json::array())) {
      const std::string at = fmt::format("/webhooks/{}", index++);
      // If the list has changed since it was read, the test fails, and the write does not
      // reach another webhook.
      operations.push_back({{"op", "test"}, {"path", at + "/name"}, {"value", webhook.value("name", "")}});
      operations.push_back(
          {{"op", "add"}, {"path", at + "/clientConfig/caBundle"}, {"value", base64Encode(bundle)}});
    }
    if (auto done = client_.jsonPatch(kind, "", kConfiguration, operations); !done)
      return std::unexpected(std::move(done.error()));
  }
  log::info("published the webhook's authorities", {{"configuration", kConfiguration}});
  return {};
}

Result<void> CertificateRotator::store(const std::string& name, const std::string& certificate,
                                       const Sensitive& key) {
  api::SecretData data;
  data.add("tls.crt", certificate);
  data.add("tls.key", key.reveal());
  const json head = {
      {"apiVersion", "v1"}, {"kind", "Secret"}, {"metadata", {{"name", name}, {"namespace", settings_.ns}}}};
  auto done = client_.applyRaw(api::kSecrets, settings_.ns, name, data.with(head));
  if (!done) return std::unexpected(std::move(done.error()));
  return {};
}

}  // namespace errand::certificates
