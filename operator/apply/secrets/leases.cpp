// Leased Secrets: read from their source, and copied for a pod whose volumes name no keys.
#include <fmt/format.h>

#include "core/api/secretdata.hpp"
#include "operator/apply/applier.hpp"
#include "operator/apply/secrets/secrets.hpp"

namespace errand::apply {

Result<api::Secret> readLease(const kube::Client& client, const std::string& ns, const std::string& name) {
  auto raw = client.getRaw(api::kSecrets, ns, name);
  if (!raw) return std::unexpected(std::move(raw.error()));
  auto secret = api::readSecret(*raw);
  if (!secret) return fail(ErrorKind::Internal, fmt::format("Secret {} is not JSON", name));
  if (secret->type == "kubernetes.io/service-account-token" || secret->type == "helm.sh/release.v1")
    return fail(
        ErrorKind::Invalid,
        fmt::format("spec.access.secrets: Secret {} is of type {}, which is never leased; leave it out", name,
                    secret->type));
  return secret;
}

Result<void> Applier::checkLease(const plan::CheckLease& action, const api::TaskGrant& grant) const {
  if (auto source = readLease(client_, grant.meta.ns, action.source); !source)
    return std::unexpected(std::move(source.error()));
  return {};
}

Result<void> Applier::copyLease(const plan::CopyLease& action, const api::TaskGrant& grant) const {
  const std::string& ns = grant.meta.ns;
  const auto source = readLease(client_, ns, action.source);
  if (!source) return std::unexpected(source.error());
  api::SecretData data;
  for (const auto& [key, value] : source->data) data.addEncoded(key, value.reveal());
  api::ObjectMeta meta = action.meta;
  meta.annotations = {{std::string(plan::kLeasedAnnotation), action.leasedVersion}};
  const auto existing =
      ownSecret(action.meta, grant,
                fmt::format("Secret {} exists and was not made for this grant; delete it", meta.name));
  if (!existing) return std::unexpected(existing.error());
  return overwrite((*existing)->meta, meta, data);
}

}  // namespace errand::apply
