// Leased Secrets: read from their source, and copied for a pod whose volumes name no keys.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/api/secretdata.hpp"
#include "operator/apply/applier.hpp"
#include "operator/apply/secrets/secrets.hpp"
#include "operator/plan/judge/facts.hpp"

namespace errand::apply {
namespace {

// Everything of a Secret of a grant but its data. `version`, where it names what is to be overwritten, is a
// precondition: of two writers, the one that has not seen the other's fails.
nlohmann::json secretHead(api::ObjectMeta meta, const std::string& uid, const std::string& version) {
  meta.uid = uid;
  meta.resourceVersion = version;
  return {{"apiVersion", "v1"}, {"kind", "Secret"}, {"type", "Opaque"}, {"metadata", api::encode(meta)}};
}

}  // namespace

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

// The grant's Secret of that name, made empty where there is none: tokens are bound to its uid, so it is
// there before them, and what an apply takes away must have been put there by an apply. AlreadyExists, in the
// words of `ifForeign`, where somebody else has made it.
Result<std::shared_ptr<const api::Object>> Applier::ownSecret(const api::ObjectMeta& meta,
                                                              const api::TaskGrant& grant,
                                                              std::string ifForeign) const {
  auto existing = stores_.secrets.get(meta.ns, meta.name);
  if (!existing) {
    auto made = client_.createRaw(api::kSecrets, meta.ns, Sensitive(secretHead(meta, "", "").dump()));
    if (!made && made.error().kind == ErrorKind::AlreadyExists)
      made = client_.getMetadata(api::kSecrets, meta.ns, meta.name);
    if (!made) return std::unexpected(std::move(made.error()));
    existing = std::make_shared<const api::Object>(std::move(*made));
    if (plan::isOurs(existing->meta, grant)) stores_.secrets.upsert(existing);
  }
  if (!plan::isOurs(existing->meta, grant)) return fail(ErrorKind::AlreadyExists, std::move(ifForeign));
  return existing;
}

// A Secret that was not leased from is refused for no reason that a grant's author could mend.
Result<void> Applier::overwrite(const api::ObjectMeta& existing, const api::ObjectMeta& meta,
                                const api::SecretData& data) const {
  auto written = client_.applyRaw(api::kSecrets, meta.ns, meta.name,
                                  data.with(secretHead(meta, existing.uid, existing.resourceVersion)));
  if (!written && written.error().kind == ErrorKind::Invalid &&
      !meta.annotation(plan::kLeasedAnnotation).empty())
    return fail(ErrorKind::Invalid,
                fmt::format("spec.access.secrets: what is leased cannot be written to Secret {}; "
                            "lease less of it: {}",
                            meta.name, written.error().message));
  if (!written) return std::unexpected(std::move(written.error()));
  stores_.secrets.upsert(std::make_shared<const api::Object>(std::move(*written)));
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
