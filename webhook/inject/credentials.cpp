#include "webhook/inject/credentials.hpp"

#include <nlohmann/json.hpp>

namespace errand::webhook {
namespace {

using nlohmann::json;

constexpr int kMode = 0644;

json token(std::string_view file) {
  return {{"serviceAccountToken", {{"expirationSeconds", kTokenLifetime.count()}, {"path", file}}}};
}

json volumeOf(const api::TaskGrant& grant, const api::ToolClass& toolClass) {
  json sources = json::array();
  if (grant.spec.access.grantsRoles()) sources.push_back(token("token"));
  for (const std::string& name : grant.spec.access.audiences) {
    const api::Audience* audience = toolClass.access.audience(name);
    if (audience == nullptr) continue;
    json source = token(audience->file);
    source["serviceAccountToken"]["audience"] = audience->name;
    sources.push_back(std::move(source));
  }
  sources.push_back(
      {{"configMap",
        {{"name", "kube-root-ca.crt"}, {"items", json::array({{{"key", "ca.crt"}, {"path", "ca.crt"}}})}}}});
  const json ns = {{"path", "namespace"},
                   {"fieldRef", {{"apiVersion", "v1"}, {"fieldPath", "metadata.namespace"}}}};
  sources.push_back({{"downwardAPI", {{"items", json::array({ns})}}}});
  return {{"name", kCredentialsVolume},
          {"projected", {{"defaultMode", kMode}, {"sources", std::move(sources)}}}};
}

}  // namespace

std::string credentialsVolume(const api::TaskGrant& grant, const api::ToolClass& toolClass) {
  return volumeOf(grant, toolClass).dump();
}

bool isCredentialsVolume(const Volume& volume, const api::TaskGrant& grant, const api::ToolClass& toolClass) {
  if (volume.name != kCredentialsVolume) return false;
  const json written = json::parse(volume.json, nullptr, /*allow_exceptions=*/false);
  return written == volumeOf(grant, toolClass);
}

std::vector<std::string_view> credentialsPaths(const api::TaskGrant& grant) {
  std::vector<std::string_view> out{kCredentialsPath};
  if (grant.spec.access.grantsRoles()) out.push_back(kStandardPath);
  return out;
}

std::string credentialsMount(std::string_view path) {
  return json{{"mountPath", path}, {"name", kCredentialsVolume}, {"readOnly", true}}.dump();
}

}  // namespace errand::webhook
