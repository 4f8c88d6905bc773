// The input and output of a credential plugin (client.authentication.k8s.io).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/base/sensitive.hpp"
#include "core/base/time.hpp"
#include "core/kube/auth/process.hpp"
#include "core/kube/config/config.hpp"

namespace errand::kube {

// The credentials that a plugin has returned.
struct ExecCredential {
  Sensitive token;
  std::string certificatePem;
  Sensitive keyPem;
  std::optional<Time> expires;
};

// Returns the command of config.exec. Its environment is `environment` (NAME=value),
// overridden by the plugin's own variables, and KUBERNETES_EXEC_INFO.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#input-and-output-formats
Command execCommand(const Config& config, const std::vector<std::string>& environment);

// Fails with Invalid unless the text is an ExecCredential of that version with a token, or with a certificate
// and its key. No error quotes the text.
Result<ExecCredential> parseExecCredential(const Sensitive& text, std::string_view apiVersion);

}  // namespace errand::kube
