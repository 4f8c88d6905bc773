#include "core/kube/auth/execcredential.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "core/api/codec.hpp"
#include "core/api/reader.hpp"
#include "core/base/crypto.hpp"

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

void wipe(json& value) {
  if (value.is_string()) Sensitive::wipe(value.get_ref<std::string&>());
  if (value.is_structured())
    for (json& inner : value) wipe(inner);
}

Result<ExecCredential> read(const json& root, std::string_view apiVersion) {
  const api::Reader r(root);
  std::string version, kind, token, key;
  ExecCredential out;
  r.read("apiVersion", version);
  r.read("kind", kind);
  r.object("status", [&](const api::Reader& status) {
    status.read("token", token);
    status.read("clientCertificateData", out.certificatePem);
    status.read("clientKeyData", key);
    status.read("expirationTimestamp", out.expires);
  });
  out.token = Sensitive(std::move(token));
  out.keyPem = Sensitive(std::move(key));
  // A reader's error may quote a value.
  if (!r.finish(0)) return fail(ErrorKind::Invalid, "a field of its ExecCredential has the wrong type");
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
  auto root = api::parseJson(text.reveal());
  if (!root) return fail(ErrorKind::Invalid, "it did not answer with JSON");
  auto out = read(*root, apiVersion);
  wipe(*root);
  return out;
}

}  // namespace errand::kube
