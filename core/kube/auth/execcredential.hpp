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

// The credentials that a plugin has returned: a token, a certificate with its key, or both.
struct ExecCredential {
  Sensitive token;
  std::string certificatePem;
  Sensitive keyPem;
  std::optional<Time> expires;
};

// Returns the command of config.exec, which must be set. Variables of the plugin's configuration override
// `environment` (NAME=value), and KUBERNETES_EXEC_INFO is added.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#input-and-output-formats
Command execCommand(const Config& config, const std::vector<std::string>& environment);

// Fails with Invalid unless the text is an ExecCredential of that version with a token, or with a certificate
// and a key. Does not parse the certificate and the key. No error quotes the text.
Result<ExecCredential> parseExecCredential(const Sensitive& text, std::string_view apiVersion);

}  // namespace errand::kube
