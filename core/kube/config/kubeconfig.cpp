// Reads kubeconfig files: the one place of the processes that parses YAML.
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <span>
#include <utility>

#include "core/base/crypto.hpp"
#include "core/kube/config/config.hpp"
#include "core/kube/config/files.hpp"

namespace errand::kube {
namespace {

std::string text(const YAML::Node& map, const char* key) {
  const YAML::Node value = map[key];
  return value.IsDefined() && value.IsScalar() ? value.Scalar() : std::string();
}

bool has(const YAML::Node& map, const char* key) { return map[key].IsDefined() && !map[key].IsNull(); }

// The entry called `name` of a list such as clusters, contexts or users.
Result<YAML::Node> named(const YAML::Node& root, const char* list, const char* member,
                         const std::string& name) {
  const YAML::Node entries = root[list];
  if (entries.IsDefined() && entries.IsSequence())
    for (const YAML::Node& entry : entries)
      if (entry.IsMap() && text(entry, "name") == name && entry[member].IsDefined() && entry[member].IsMap())
        return entry[member];
  return fail(ErrorKind::Invalid, fmt::format("{} has no entry named \"{}\" with a {}", list, name, member));
}

// KEY-data in base64, or else the file that KEY names.
Result<std::string> pem(const YAML::Node& map, const std::string& key,
                        const std::filesystem::path& directory) {
  if (const std::string data = text(map, (key + "-data").c_str()); !data.empty()) {
    auto decoded = base64Decode(data);
    if (!decoded) return fail(ErrorKind::Invalid, key + "-data is not base64");
    return decoded;
  }
  const std::string file = text(map, key.c_str());
  if (file.empty()) return std::string();
  auto content = readFile(directory / file);
  if (!content) return std::unexpected(std::move(content.error()).in(key));
  return content;
}

struct Refusal {
  const char* key;
  const char* wayOut;
};

// What would change who we are or whom we trust, and is not supported.
constexpr Refusal kClusterRefusals[] = {
    {"tls-server-name", "name the server as its certificate does"},
    {"proxy-url", "reach the API server directly"},
};
constexpr Refusal kUserRefusals[] = {
    {"exec", "credential plugins are not run: use tokenFile or a client certificate"},
    {"auth-provider", "auth providers are not supported: use tokenFile or a client certificate"},
    {"username", "basic authentication is not supported: use tokenFile or a client certificate"},
    {"as", "impersonation is not supported: use the credentials of that user"},
};

Result<void> refuse(const YAML::Node& map, std::span<const Refusal> refusals, std::string_view where) {
  for (const auto& [key, wayOut] : refusals)
    if (has(map, key)) return fail(ErrorKind::Invalid, fmt::format("{}.{}: {}", where, key, wayOut));
  return {};
}

Result<std::string> checkServer(std::string server) {
  constexpr std::string_view scheme = "https://";
  while (server.ends_with('/')) server.pop_back();
  if (!server.starts_with(scheme) || server.size() == scheme.size())
    return fail(ErrorKind::Invalid, fmt::format("cluster.server \"{}\" is not an https:// URL", server));
  if (server.find_first_of("@?# ") != std::string::npos)
    return fail(ErrorKind::Invalid,
                "cluster.server has a user, a query or a fragment: it must be https://host[:port][/path]");
  if (server.find('[') != std::string::npos)
    return fail(ErrorKind::Invalid,
                fmt::format("cluster.server {}: IPv6 literals are not supported: use a DNS name", server));
  return server;
}

Result<void> readCluster(const YAML::Node& cluster, const std::filesystem::path& directory, Config& out) {
  const std::string insecure = text(cluster, "insecure-skip-tls-verify");
  if (!insecure.empty() && insecure != "false")
    return fail(ErrorKind::Invalid,
                "cluster.insecure-skip-tls-verify: connections without verification are refused: set "
                "certificate-authority");
  if (auto ok = refuse(cluster, kClusterRefusals, "cluster"); !ok) return ok;
  auto server = checkServer(text(cluster, "server"));
  if (!server) return std::unexpected(std::move(server.error()));
  out.server = std::move(*server);
  auto ca = pem(cluster, "certificate-authority", directory);
  if (!ca) return std::unexpected(std::move(ca.error()).in("cluster"));
  out.caPem = std::move(*ca);
  return {};
}

Result<void> readUser(const YAML::Node& user, const std::filesystem::path& directory, Config& out) {
  if (auto ok = refuse(user, kUserRefusals, "user"); !ok) return ok;
  auto certificate = pem(user, "client-certificate", directory);
  if (!certificate) return std::unexpected(std::move(certificate.error()).in("user"));
  auto key = pem(user, "client-key", directory);
  if (!key) return std::unexpected(std::move(key.error()).in("user"));
  if (certificate->empty() != key->empty())
    return fail(ErrorKind::Invalid,
                "user: client-certificate and client-key go together, and one is missing");
  out.clientCertificatePem = std::move(*certificate);
  out.clientKeyPem = Sensitive(std::move(*key));
  out.token = Sensitive(text(user, "token"));
  if (const std::string file = text(user, "tokenFile"); !file.empty()) out.tokenFile = directory / file;
  return {};
}

Result<Config> read(const YAML::Node& root, const std::filesystem::path& directory) {
  if (!root.IsMap()) return fail(ErrorKind::Invalid, "not a kubeconfig: the document is not a map");
  const std::string current = text(root, "current-context");
  if (current.empty()) return fail(ErrorKind::Invalid, "current-context is not set");
  auto context = named(root, "contexts", "context", current);
  if (!context) return std::unexpected(std::move(context.error()));
  auto cluster = named(root, "clusters", "cluster", text(*context, "cluster"));
  if (!cluster) return std::unexpected(std::move(cluster.error()));
  Config out;
  if (auto ok = readCluster(*cluster, directory, out); !ok) return std::unexpected(std::move(ok.error()));
  if (const std::string name = text(*context, "user"); !name.empty()) {
    auto user = named(root, "users", "user", name);
    if (!user) return std::unexpected(std::move(user.error()));
    if (auto ok = readUser(*user, directory, out); !ok) return std::unexpected(std::move(ok.error()));
  }
  if (const std::string ns = text(*context, "namespace"); !ns.empty()) out.ns = ns;
  return out;
}

}  // namespace

Result<Config> parseKubeconfig(std::string_view yaml, const std::filesystem::path& directory) {
  try {
    return read(YAML::Load(std::string(yaml)), directory);
  } catch (const YAML::Exception& e) {
    // Its message may quote the document, so only the place is told.
    return fail(ErrorKind::Invalid, fmt::format("not valid YAML at line {}", e.mark.line + 1));
  }
}

}  // namespace errand::kube
