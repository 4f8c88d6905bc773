#include "operator/apply/secrets/leases.hpp"

#include <fmt/format.h>

#include "core/api/secretdata.hpp"
#include "operator/plan/leases.hpp"

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

Result<void> copyLease(const plan::CopyLease& action, const api::TaskGrant& grant, const kube::Client& client,
                       const OwnSecrets& own) {
  const std::string& ns = grant.meta.ns;
  const auto source = readLease(client, ns, action.source);
  if (!source) return std::unexpected(source.error());
  api::SecretData data;
  for (const auto& [key, value] : source->data) data.addEncoded(key, value.reveal());
  api::ObjectMeta meta = action.meta;
  meta.annotations = {{std::string(plan::kLeasedAnnotation), action.leasedVersion}};
  const auto existing =
      own.ensure(action.meta, grant,
                 fmt::format("Secret {} exists and was not made for this grant; delete it", meta.name));
  if (!existing) return std::unexpected(existing.error());
  return own.overwrite((*existing)->meta, meta, data);
}

}  // namespace errand::apply
