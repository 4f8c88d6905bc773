// Keeps the webhook's certificates good, while this process leads.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/base/sensitive.hpp"
#include "core/kube/client/client.hpp"
#include "core/kube/pause.hpp"
#include "operator/certs/plan.hpp"

namespace errand::certs {

// Its objects: the Secrets errand-webhook-ca (tls.crt: authorities, the signing
// one first; tls.key) and errand-webhook-tls (tls.crt, tls.key), which
// installation makes empty, and the two webhook configurations named `errand`.
class CertificateRotator {
 public:
  CertificateRotator(const kube::Client& client, Settings settings, const Clock& clock)
      : client_(client), settings_(std::move(settings)), clock_(clock) {}

  // Looks and acts until `stop`; tries again after a failure. Its Pause waits between.
  void run(const std::stop_token& stop, const kube::Pause& pause);

  // One step: how long to wait before the next.
  Result<Millis> step();

 private:
  struct Stored;
  Result<Observed> observe(Stored& stored);
  Result<void> readWebhooks(Observed& observed);
  Result<void> makeAuthority(const Stored& stored, Time now);
  Result<void> issueServing(const Stored& stored, Time now);
  Result<void> publish(const std::string& bundle);
  Result<void> store(const std::string& name, const std::string& certificate, const Sensitive& key);

  const kube::Client& client_;
  const Settings settings_;
  const Clock& clock_;
  std::string publishedSigner_;  // the authority that publishedSince_ is about
  std::optional<Time> publishedSince_;
};

}  // namespace errand::certs
