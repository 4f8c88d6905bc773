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
  std::shared_ptr<const TlsMaterial> tls;  // a different object means a different client certificate
};

// Safe to use from several threads.
class Credentials {
 public:
  // Fails with Invalid if certificates or keys do not parse.
  static Result<std::unique_ptr<Credentials>> make(Config config, const Clock& clock);

  Result<Credential> get(const std::stop_token& stop, std::chrono::steady_clock::time_point deadline);

  // Returns credentials for the owner of `token`. They have no client certificate, because the API server
  // would prefer it to the token.
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
