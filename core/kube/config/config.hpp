// The configuration of a client: the API server's address, and credentials of a pod or a kubeconfig.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/sensitive.hpp"

namespace errand::kube {

// A credential plugin: users[].user.exec of a kubeconfig.
struct ExecSpec {
  std::string apiVersion;  // client.authentication.k8s.io/v1 or /v1beta1
  std::string command;     // absolute, or a bare name to look up in PATH
  std::vector<std::string> args;
  std::vector<std::pair<std::string, std::string>> env;  // added to the process's own
  bool provideClusterInfo = false;
  std::string installHint;
};

// The address of an API server, and the credentials for it.
struct Config {
  std::string server;               // https://host[:port][/prefix], without a trailing slash
  std::string caPem;                // the only trusted authorities; empty means the system's
  std::filesystem::path tokenFile;  // read again each minute; overrides `token`
  Sensitive token;
  std::string clientCertificatePem;  // a chain, leaf first
  Sensitive clientKeyPem;
  std::optional<ExecSpec> exec;  // used instead of both tokens
  std::string tlsServerName;     // the name that the certificate must have; empty means the server's host
  std::string impersonateUser;   // Impersonate-User of each request; load() never sets it
  bool insecureSkipTlsVerify = false;
  bool inCluster = false;
  std::string ns = "default";  // of the pod, or of the kubeconfig's context
};

// Settings from the command line.
struct Source {
  std::optional<std::filesystem::path> kubeconfig = std::nullopt;
  std::string context = {};            // empty means current-context
  bool insecureSkipTlsVerify = false;  // true: do not verify the server. false: reject a file that sets it
};

// Settings from the environment: KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT, KUBECONFIG.
struct Environment {
  std::string serviceHost, servicePort, kubeconfig;
};
Environment processEnvironment();

// Loads the first of:
// - the kubeconfig file of `source`
// - the files that the kubelet projects into every pod (client-go's rest.InClusterConfig), if
//   KUBERNETES_SERVICE_HOST is set
// - the files of $KUBECONFIG, separated by colons; missing files are skipped
//
// Does not read ~/.kube/config: a server process must not use credentials that it finds by chance.
//
// Fails with Invalid if the configuration has a rejected setting: an http server, insecure-skip-tls-verify
// unless `source` allows it, auth-provider plugins, interactive plugins, basic authentication, impersonation,
// proxies, or an IPv6 literal as host. Also fails with Invalid if `source` sets a context or
// insecureSkipTlsVerify in-cluster. Fails with NotFound if none of the files exists, and as readFile() does
// if a file cannot be read.
Result<Config> load(const Source& source, const Environment& environment = processEnvironment());

// Returns the URL of an API server without trailing slashes. Fails with Invalid if it is not https, or has an
// IPv6 literal, a user, a query or a fragment.
Result<std::string> checkServer(std::string server);

// A kubeconfig file that was read.
struct KubeconfigFile {
  std::string text;
  std::filesystem::path path;  // relative names in the file are resolved from its directory
};

// Reads the kubeconfig format of client-go (clientcmd v1) and merges files by its rules: the first file with
// an entry of a name provides the whole entry, and the first with a current-context sets it. Fails with
// Invalid if a file is malformed or has more than 100 YAML aliases, or if the name of a used entry occurs
// twice in a file. Errors quote no credential. Also fails as load() does.
// https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
Result<Config> parseKubeconfigs(const std::vector<KubeconfigFile>& files, const Source& source);

// Reads ca.crt and namespace from `directory`, and checks that its token can be read. Pass
// KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT as host and port. Fails with Invalid if one is empty,
// and as readFile() does.
Result<Config> inClusterConfig(const std::filesystem::path& directory, std::string_view host,
                               std::string_view port);

}  // namespace errand::kube
