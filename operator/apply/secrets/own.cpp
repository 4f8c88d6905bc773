#include "operator/apply/secrets/own.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "operator/plan/checks/derived.hpp"
#include "operator/plan/leases.hpp"

namespace errand::apply {
namespace {

// A Secret of a grant without its data. A `uid` or `version` that is not empty is a precondition: the API
// server rejects the write if the Secret has changed.
nlohmann::json secretHead(api::ObjectMeta meta, const std::string& uid, const std::string& version) {
  meta.uid = uid;
  meta.resourceVersion = version;
  return {{"apiVersion", "v1"}, {"kind", "Secret"}, {"type", "Opaque"}, {"metadata", api::encode(meta)}};
}

}  // namespace

Result<std::shared_ptr<const api::PartialObject>> OwnSecrets::ensure(const api::ObjectMeta& meta,
                                                                     const api::TaskGrant& grant,
                                                                     std::string ifForeign) const {
  auto existing = stores_.secrets.get(meta.ns, meta.name);
  if (!existing) {
    auto made = client_.createRaw(api::kSecrets, meta.ns, Sensitive(secretHead(meta, "", "").dump()));
    if (!made && made.error().kind == ErrorKind::AlreadyExists)
      made = client_.getMetadata(api::kSecrets, meta.ns, meta.name);
    if (!made) return std::unexpected(std::move(made.error()));
    existing = std::make_shared<const api::PartialObject>(std::move(*made));
    if (plan::isOurs(existing->meta, grant)) stores_.secrets.upsert(existing);
  }
  if (!plan::isOurs(existing->meta, grant)) return fail(ErrorKind::AlreadyExists, std::move(ifForeign));
  return existing;
}

Result<void> OwnSecrets::overwrite(const api::ObjectMeta& existing, const api::ObjectMeta& meta,
                                   const api::SecretData& data) const {
  auto written = client_.applyRaw(api::kSecrets, meta.ns, meta.name,
                                  data.with(secretHead(meta, existing.uid, existing.resourceVersion)));
  // The grant's author can change only the list of leased Secrets, so only a Secret with leases gets this
  // message.
  if (!written && written.error().kind == ErrorKind::Invalid &&
      !meta.annotation(plan::kLeasedAnnotation).empty())
    written.error().message = fmt::format(
        "spec.access.secrets: what is leased cannot be written to Secret {}; lease less of it: {}", meta.name,
        written.error().message);
  if (!written) return std::unexpected(std::move(written.error()));
  stores_.secrets.upsert(std::make_shared<const api::PartialObject>(std::move(*written)));
  return {};
}

}  // namespace errand::apply
