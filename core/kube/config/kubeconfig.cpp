// Reads kubeconfig files. No other code of the server processes parses YAML.
#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <exception>
#include <optional>
#include <span>
#include <sstream>
#include <utility>

#include "core/base/crypto.hpp"
#include "core/base/file.hpp"
#include "core/kube/config/config.hpp"

namespace errand::kube {
namespace {

std::string text(const YAML::Node& map, const char* key) {
  const YAML::Node value = map[key];
  return value.IsDefined() && value.IsScalar() ? value.Scalar() : std::string();
}

bool has(const YAML::Node& map, const char* key) { return map[key].IsDefined() && !map[key].IsNull(); }

struct Document {
  YAML::Node root;
  std::filesystem::path path;
};

struct Entry {
  YAML::Node value;
  std::filesystem::path path;  // of the document's file

  std::filesystem::path directory() const { return path.parent_path(); }
};

// Counts aliases, which make a small file a large document. The file's size limits everything else.
class AliasCount final : public YAML::EventHandler {
 public:
  int count = 0;

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override { ++count; }
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
  }
  void OnMapEnd() override {}
};

Result<YAML::Node> parse(const std::string& yaml) {
  constexpr int kMostAliases = 100;
  std::istringstream in(yaml);
  YAML::Parser parser(in);
  AliasCount aliases;
  parser.HandleNextDocument(aliases);
  if (aliases.count > kMostAliases)
    return fail(ErrorKind::Invalid, "more than 100 YAML aliases: write the values out");
  YAML::Node root = YAML::Load(yaml);
  if (!root.IsMap()) return fail(ErrorKind::Invalid, "not a kubeconfig: the document is not a map");
  return root;
}

// Returns the entry `name` of a list such as clusters, contexts or users, from the first file that has it.
Result<Entry> named(const std::vector<Document>& documents, const char* list, const char* member,
                    const std::string& name) {
  for (const auto& [root, path] : documents) {
    std::optional<YAML::Node> found;
    const YAML::Node entries = root[list];
    if (!entries.IsDefined() || !entries.IsSequence()) continue;
    for (const YAML::Node& entry : entries) {
      if (!entry.IsMap() || text(entry, "name") != name) continue;
      if (found)
        return fail(ErrorKind::Invalid, fmt::format("{}: {} has two entries named \"{}\": take one out",
                                                    path.string(), list, name));
      found.emplace(entry[member]);
    }
    if (found && found->IsDefined() && found->IsMap()) return Entry{*found, path};
    if (found) break;
  }
  return fail(ErrorKind::Invalid, fmt::format("{} has no entry named \"{}\" with a {}", list, name, member));
}

// Returns KEY-data, decoded from base64, or else the content of the file that KEY names.
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

// Unsupported fields that would change the user or the trusted server. They are rejected, not ignored.
constexpr Refusal kClusterRefusals[] = {
    {"proxy-url", "reach the API server directly"},
};
constexpr Refusal kUserRefusals[] = {
    {"auth-provider", "auth providers are not supported: use tokenFile or a client certificate"},
    {"username", "basic authentication is not supported: use tokenFile or a client certificate"},
    {"as", "impersonation is not supported: use the credentials of that user"},
};

Result<void> refuse(const YAML::Node& map, std::span<const Refusal> refusals, std::string_view where) {
  for (const auto& [key, wayOut] : refusals)
    if (has(map, key)) return fail(ErrorKind::Invalid, fmt::format("{}.{}: {}", where, key, wayOut));
  return {};
}

Result<void> readCluster(const Entry& entry, const Source& source, Config& out) {
  const YAML::Node& cluster = entry.value;
  const std::string insecure = text(cluster, "insecure-skip-tls-verify");
  if (!source.insecureSkipTlsVerify && !insecure.empty() && insecure != "false")
    return fail(ErrorKind::Invalid,
                "cluster.insecure-skip-tls-verify: connections without verification are refused: set "
                "certificate-authority, or say --insecure-skip-tls-verify where nothing is at stake");
  out.insecureSkipTlsVerify = source.insecureSkipTlsVerify;
  if (auto ok = refuse(cluster, kClusterRefusals, "cluster"); !ok) return ok;
  auto server = checkServer(text(cluster, "server"));
  if (!server) return std::unexpected(std::move(server.error()).in("cluster.server"));
  out.server = std::move(*server);
  out.tlsServerName = text(cluster, "tls-server-name");
  if (out.tlsServerName.find_first_of("/:@?# \r\n") != std::string::npos)
    return fail(ErrorKind::Invalid,
                "cluster.tls-server-name: not a host name: write it without scheme and port");
  auto ca = pem(cluster, "certificate-authority", entry.directory());
  if (!ca) return std::unexpected(std::move(ca.error()).in("cluster"));
  out.caPem = std::move(*ca);
  return {};
}

constexpr std::string_view kExecVersion = "client.authentication.k8s.io/v1";
constexpr std::string_view kExecBeta = "client.authentication.k8s.io/v1beta1";

Result<void> checkExec(const YAML::Node& exec, const YAML::Node& cluster) {
  const auto wrong = [](std::string_view what) {
    return fail(ErrorKind::Invalid, fmt::format("user.exec.{}", what));
  };
  if (!exec.IsMap()) return wrong("command: not set, because exec is not a map");
  const std::string version = text(exec, "apiVersion");
  if (version != kExecVersion && version != kExecBeta)
    return wrong(fmt::format("apiVersion: must be {} or {}", kExecVersion, kExecBeta));
  if (text(exec, "command").empty()) return wrong("command: not set: name the plugin");
  const std::string mode = text(exec, "interactiveMode");
  if (mode.empty() && version == kExecVersion)
    return wrong("interactiveMode: not set: client.authentication.k8s.io/v1 wants Never or IfAvailable");
  if (!mode.empty() && mode != "Never" && mode != "IfAvailable")
    return wrong("interactiveMode: must be Never or IfAvailable: there is no terminal here to ask at");
  for (const char* list : {"args", "env"})
    if (has(exec, list) && !exec[list].IsSequence()) return wrong(fmt::format("{}: not a list", list));
  const YAML::Node extensions = cluster["extensions"];
  if (text(exec, "provideClusterInfo") == "true" && extensions.IsDefined() && extensions.IsSequence())
    for (const YAML::Node& extension : extensions)
      if (extension.IsMap() && text(extension, "name") == "client.authentication.k8s.io/exec")
        return wrong(
            "provideClusterInfo: the cluster's extension client.authentication.k8s.io/exec is not passed on: "
            "configure the plugin by args or env");
  return {};
}

Result<ExecSpec> readExec(const Entry& user, const YAML::Node& cluster) {
  const YAML::Node exec = user.value["exec"];
  if (auto ok = checkExec(exec, cluster); !ok) return std::unexpected(std::move(ok.error()));
  ExecSpec out;
  out.apiVersion = text(exec, "apiVersion");
  out.command = text(exec, "command");
  // Like clientcmd: a path is relative to the file's directory, and a bare name is searched in PATH.
  if (out.command.find('/') != std::string::npos)
    out.command = std::filesystem::absolute(user.directory() / out.command).lexically_normal();
  out.provideClusterInfo = text(exec, "provideClusterInfo") == "true";
  out.installHint = text(exec, "installHint");
  if (has(exec, "args"))
    for (const YAML::Node& arg : exec["args"]) {
      if (!arg.IsScalar()) return fail(ErrorKind::Invalid, "user.exec.args: not a list of strings");
      out.args.push_back(arg.Scalar());
    }
  if (has(exec, "env"))
    for (const YAML::Node& pair : exec["env"]) {
      const std::string name = pair.IsMap() ? text(pair, "name") : std::string();
      if (name.empty() || name.find('=') != std::string::npos)
        return fail(ErrorKind::Invalid, "user.exec.env: each entry has a name, without =, and a value");
      out.env.emplace_back(name, text(pair, "value"));
    }
  return out;
}

Result<void> readUser(const Entry& entry, const YAML::Node& cluster, Config& out) {
  const YAML::Node& user = entry.value;
  if (auto ok = refuse(user, kUserRefusals, "user"); !ok) return ok;
  if (has(user, "exec")) {
    for (const char* other : {"token", "tokenFile", "client-certificate", "client-certificate-data",
                              "client-key", "client-key-data"})
      if (has(user, other))
        return fail(ErrorKind::Invalid,
                    fmt::format("user: exec and {} exclude each other: take one of them out", other));
    auto exec = readExec(entry, cluster);
    if (!exec) return std::unexpected(std::move(exec.error()));
    out.exec = std::move(*exec);
    return {};
  }
  auto certificate = pem(user, "client-certificate", entry.directory());
  if (!certificate) return std::unexpected(std::move(certificate.error()).in("user"));
  auto key = pem(user, "client-key", entry.directory());
  if (!key) return std::unexpected(std::move(key.error()).in("user"));
  if (certificate->empty() != key->empty())
    return fail(ErrorKind::Invalid,
                "user: client-certificate and client-key go together, and one is missing");
  out.clientCertificatePem = std::move(*certificate);
  out.clientKeyPem = Sensitive(std::move(*key));
  out.token = Sensitive(text(user, "token"));
  if (const std::string file = text(user, "tokenFile"); !file.empty())
    out.tokenFile = entry.directory() / file;
  return {};
}

Result<Config> read(const std::vector<Document>& documents, const Source& source) {
  std::string current = source.context;
  for (const Document& document : documents)
    if (current.empty()) current = text(document.root, "current-context");
  if (current.empty())
    return fail(ErrorKind::Invalid, "current-context is not set: set it, or choose one with --context");
  auto context = named(documents, "contexts", "context", current);
  if (!context) return std::unexpected(std::move(context.error()));
  auto cluster = named(documents, "clusters", "cluster", text(context->value, "cluster"));
  if (!cluster) return std::unexpected(std::move(cluster.error()));
  Config out;
  if (auto ok = readCluster(*cluster, source, out); !ok)
    return std::unexpected(std::move(ok.error()).in(cluster->path.string()));
  if (const std::string name = text(context->value, "user"); !name.empty()) {
    auto user = named(documents, "users", "user", name);
    if (!user) return std::unexpected(std::move(user.error()));
    if (auto ok = readUser(*user, cluster->value, out); !ok)
      return std::unexpected(std::move(ok.error()).in(user->path.string()));
  }
  if (const std::string ns = text(context->value, "namespace"); !ns.empty()) out.ns = ns;
  return out;
}

}  // namespace

Result<std::string> checkServer(std::string server) {
  constexpr std::string_view scheme = "https://";
  while (server.ends_with('/')) server.pop_back();
  if (server.find_first_of("@?# ") != std::string::npos)
    return fail(ErrorKind::Invalid,
                "a user, a query or a fragment is not understood: it must be https://host[:port][/path]");
  if (!server.starts_with(scheme) || server.size() == scheme.size())
    return fail(ErrorKind::Invalid, fmt::format("\"{}\" is not an https:// URL", server));
  if (server.find('[') != std::string::npos)
    return fail(ErrorKind::Invalid,
                fmt::format("{}: IPv6 literals are not supported: use a DNS name", server));
  return server;
}

Result<Config> parseKubeconfigs(const std::vector<KubeconfigFile>& files, const Source& source) {
  std::vector<Document> documents;
  for (const KubeconfigFile& file : files) {
    try {
      auto root = parse(file.text);
      if (!root) return std::unexpected(std::move(root.error()).in(file.path.string()));
      documents.push_back({*root, file.path});
    } catch (const YAML::Exception& e) {
      // The exception's message may quote the document, so the error names only the line.
      return fail(ErrorKind::Invalid,
                  fmt::format("{}: not valid YAML at line {}", file.path.string(), e.mark.line + 1));
    }
  }
  try {
    return read(documents, source);
  } catch (const std::exception&) {
    return fail(ErrorKind::Invalid, "not a kubeconfig: an entry is not of the type it should be");
  }
}

}  // namespace errand::kube
