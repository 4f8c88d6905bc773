#include "rules/inject/credentials.hpp"

#include <nlohmann/json.hpp>

#include "core/json/value.hpp"

namespace errand::rules {
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

std::string leaseVolumeName(size_t index) { return std::string(kLeaseVolumePrefix) + std::to_string(index); }

json leaseVolumeOf(const api::TaskGrant& grant, size_t index) {
  const json source = {
      {"secret",
       {{"name", api::leaseCopyName(grant.meta.uid, grant.spec.access.secrets[index])}, {"optional", true}}}};
  return {{"name", leaseVolumeName(index)},
          {"projected", {{"defaultMode", kMode}, {"sources", json::array({source})}}}};
}

}  // namespace

std::vector<CredentialsVolume> credentialsVolumes(const api::TaskGrant& grant,
                                                  const api::ToolClass& toolClass) {
  std::vector<CredentialsVolume> out{{std::string(kCredentialsVolume), volumeOf(grant, toolClass).dump()}};
  for (size_t i = 0; i < grant.spec.access.secrets.size(); ++i)
    out.push_back({leaseVolumeName(i), leaseVolumeOf(grant, i).dump()});
  return out;
}

bool isCredentialsName(std::string_view name) {
  return name == kCredentialsVolume || name.starts_with(kLeaseVolumePrefix);
}

bool isCredentialsVolume(const Volume& volume, const CredentialsVolume& wanted) {
  if (volume.name != wanted.name) return false;
  const auto written = parseJson(volume.json), expected = parseJson(wanted.json);
  return written && expected && *written == *expected;
}

std::vector<CredentialsMount> credentialsMounts(const api::TaskGrant& grant) {
  std::vector<CredentialsMount> out{{std::string(kCredentialsVolume), std::string(kCredentialsPath)}};
  if (grant.spec.access.grantsRoles())
    out.push_back({std::string(kCredentialsVolume), std::string(kStandardPath)});
  for (size_t i = 0; i < grant.spec.access.secrets.size(); ++i)
    out.push_back({leaseVolumeName(i), std::string(kCredentialsPath) + "/" + grant.spec.access.secrets[i]});
  return out;
}

std::string jsonOf(const CredentialsMount& mount) {
  return json{{"mountPath", mount.path}, {"name", mount.volume}, {"readOnly", true}}.dump();
}

}  // namespace errand::rules
