#include "core/kube/auth/execcredential.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "core/base/crypto.hpp"
#include "core/json/node.hpp"
#include "core/json/value.hpp"

namespace errand::kube {
namespace {

using nlohmann::json;

std::string execInfo(const Config& config) {
  json spec = {{"interactive", false}};
  if (config.exec->provideClusterInfo) {
    json cluster = {{"server", config.server}};
    if (!config.caPem.empty()) cluster["certificate-authority-data"] = base64Encode(config.caPem);
    if (!config.tlsServerName.empty()) cluster["tls-server-name"] = config.tlsServerName;
    if (config.insecureSkipTlsVerify) cluster["insecure-skip-tls-verify"] = true;
    spec["cluster"] = std::move(cluster);
  }
  const json info = {{"apiVersion", config.exec->apiVersion}, {"kind", "ExecCredential"}, {"spec", spec}};
  return info.dump(-1, ' ', true, json::error_handler_t::replace);
}

void set(std::vector<std::string>& environment, const std::string& name, const std::string& value) {
  std::erase_if(environment, [&](const std::string& v) { return v.starts_with(name + "="); });
  environment.push_back(name + "=" + value);
}

std::optional<Time> readExpiry(const JsonNode& status) {
  std::string_view text;
  status.read("expirationTimestamp", text);
  if (text.empty()) return std::nullopt;
  const auto time = parseTime(text);
  if (!time) status.fail("has a malformed expirationTimestamp");
  return time ? std::optional(*time) : std::nullopt;
}

Result<ExecCredential> read(const std::shared_ptr<const JsonDocument>& document,
                            std::string_view apiVersion) {
  JsonNode::Failure failure;
  const JsonNode r(document, failure);
  r.mustBeObject();
  std::string version, kind, token, key;
  ExecCredential out;
  r.read("apiVersion", version);
  r.read("kind", kind);
  r.object("status", [&](const JsonNode& status) {
    status.read("token", token);
    status.read("clientCertificateData", out.certificatePem);
    status.read("clientKeyData", key);
    out.expires = readExpiry(status);
  });
  out.token = Sensitive(std::move(token));
  out.keyPem = Sensitive(std::move(key));
  if (!failure.message.empty())
    return fail(ErrorKind::Invalid, "a field of its ExecCredential has the wrong type");
  if (kind != "ExecCredential" || version != apiVersion)
    return fail(
        ErrorKind::Invalid,
        fmt::format("it did not answer with an ExecCredential of {}: correct exec.apiVersion", apiVersion));
  if (out.certificatePem.empty() != out.keyPem.empty())
    return fail(ErrorKind::Invalid,
                "status.clientCertificateData and status.clientKeyData go together, and one is missing");
  if (out.token.empty() && out.certificatePem.empty())
    return fail(ErrorKind::Invalid, "its ExecCredential has neither a token nor a client certificate");
  if (out.token.reveal().find_first_of("\r\n") != std::string_view::npos)
    return fail(ErrorKind::Invalid, "status.token has a line break");
  return out;
}

}  // namespace

Command execCommand(const Config& config, const std::vector<std::string>& environment) {
  Command out;
  out.argv.push_back(config.exec->command);
  out.argv.insert(out.argv.end(), config.exec->args.begin(), config.exec->args.end());
  out.environment = environment;
  for (const auto& [name, value] : config.exec->env) set(out.environment, name, value);
  set(out.environment, "KUBERNETES_EXEC_INFO", execInfo(config));
  return out;
}

Result<ExecCredential> parseExecCredential(const Sensitive& text, std::string_view apiVersion) {
  const auto document = JsonDocument::parse(text.reveal(), {.wipes = true});
  if (!document) return fail(ErrorKind::Invalid, "it did not answer with JSON");
  return read(*document, apiVersion);
}

}  // namespace errand::kube
