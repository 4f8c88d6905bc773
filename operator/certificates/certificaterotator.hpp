// Creates, publishes and renews the webhook's certificates.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/base/guarded.hpp"
#include "core/base/sensitive.hpp"
#include "core/kube/client/client.hpp"
#include "core/kube/pause.hpp"
#include "operator/certificates/plan.hpp"

namespace errand::certificates {

// Executes the plan of the certificates on these objects. The installation creates the Secrets empty:
// - Secret errand-webhook-ca: authorities in tls.crt, the signing one first, and its key in tls.key
// - Secret errand-webhook-tls: tls.crt and tls.key
// - the two webhook configurations named `errand`
//
// Not thread-safe, except current().
class CertificateRotator {
 public:
  // `client` and `clock` must outlive this object.
  CertificateRotator(const kube::Client& client, Settings settings, const Clock& clock)
      : client_(client), settings_(std::move(settings)), clock_(clock) {}

  // Executes one step after another until `stop`, and retries after a failure. `pause` waits
  // between the steps.
  void run(const std::stop_token& stop, const kube::Pause& pause);

  // Executes one step. Returns the time to wait before the next: zero unless there was nothing to do. Fails
  // with an error of the API server, with Invalid if an object cannot be decoded, or with Internal if a
  // certificate cannot be created. May be repeated.
  Result<Millis> step();

  // Succeeds if the last step found nothing to do: both Secrets and every caBundle are current. Otherwise
  // fails with that step's error, or with Unavailable. Safe to call from any thread.
  Result<void> current() { return *current_.access(); }

 private:
  struct Stored;
  Result<Millis> act();
  Result<Observed> observe(Stored& stored);
  Result<void> readWebhooks(Observed& observed);
  Result<void> makeAuthority(const Stored& stored, Time now);
  Result<void> issueServing(const Stored& stored, Time now);
  Result<void> publish(const std::string& bundle);
  Result<void> store(const std::string& name, const std::string& certificate, const Sensitive& key);

  const kube::Client& client_;
  const Settings settings_;
  const Clock& clock_;
  std::string publishedSigner_;  // the authority to which publishedSince_ belongs
  std::optional<Time> publishedSince_;
  Guarded<Result<void>> current_{
      fail(ErrorKind::Unavailable, "the certificates have not been looked at yet")};
};

}  // namespace errand::certificates
