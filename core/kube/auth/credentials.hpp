// The credentials of a request: its Authorization header and the certificates of its connection.
#pragma once

#include <memory>
#include <stop_token>

#include "core/base/guarded.hpp"
#include "core/kube/auth/bearer.hpp"
#include "core/kube/auth/execplugin.hpp"
#include "core/kube/auth/tls.hpp"
#include "core/kube/config/config.hpp"

namespace errand::kube {

// The credentials of one request.
struct Credential {
  Sensitive authorization;                 // empty means none
  std::shared_ptr<const TlsMaterial> tls;  // another object means another client certificate
};

// Safe to use from several threads.
class Credentials {
 public:
  // Fails with Invalid if a certificate or key does not parse, or if they do not belong together. `clock`
  // must outlive this.
  static Result<std::unique_ptr<Credentials>> make(Config config, const Clock& clock);

  // Fails with Unauthorized if the token file or the plugin gives no credential, and with Invalid if the
  // plugin's certificate or key is wrong. Only a plugin can block: it fails with Cancelled at the stop, and
  // with Timeout at the deadline.
  Result<Credential> get(const std::stop_token& stop, std::chrono::steady_clock::time_point deadline);

  // Returns credentials with this token. They have no client certificate, because the API server would prefer
  // it to the token.
  Result<Credential> ofToken(const Sensitive& token) const;

  // Call it when the API server has answered 401.
  void refused();

 private:
  struct FromPlugin {
    std::shared_ptr<const ExecCredential> credential;
    std::shared_ptr<const TlsMaterial> tls;
  };

  Credentials(Config config, TlsMaterial tls, const Clock& clock);
  Result<std::shared_ptr<const TlsMaterial>> materialOf(const std::shared_ptr<const ExecCredential>& given);

  const std::string caPem_;
  const std::shared_ptr<const TlsMaterial> tls_;
  std::unique_ptr<ExecPlugin> plugin_;
  Bearer bearer_;
  Guarded<FromPlugin> last_;
};

}  // namespace errand::kube
