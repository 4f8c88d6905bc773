#include "operator/apply/secrets/slot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/api/secretdata.hpp"
#include "operator/apply/readgrant.hpp"
#include "operator/apply/secrets/leases.hpp"
#include "operator/plan/leases.hpp"

namespace errand::apply {
namespace {

using nlohmann::json;

// Paths are relative to the file, as kubectl and client-go resolve them. The kubeconfig therefore stays valid
// when the token is renewed.
std::string kubeconfig(const ApiEndpoint& endpoint, const std::string& ns) {
  const json config = {
      {"apiVersion", "v1"},
      {"kind", "Config"},
      {"current-context", "grant"},
      {"clusters",
       {{{"name", "grant"},
         {"cluster", {{"server", endpoint.server}, {"certificate-authority", "ca.crt"}}}}}},
      {"users", {{{"name", "grant"}, {"user", {{"tokenFile", "token"}}}}}},
      {"contexts",
       {{{"name", "grant"}, {"context", {{"cluster", "grant"}, {"user", "grant"}, {"namespace", ns}}}}}}};
  return config.dump(1);
}

}  // namespace

// Fails if the grant or its parent has ended. Another process, or this one before a restart, may have
// stored an end that the watch has not delivered. An issued token cannot be recalled, so this reads from
// the API server.
Result<void> SlotFiller::stillRuns(const api::TaskGrant& grant) const {
  const auto check = [&](const std::string& name, const std::string& uid) -> Result<void> {
    const auto read = readGrant(client_, stores_, grant.meta.ns, name);
    if (!read) return std::unexpected(read.error());
    const api::TaskGrant& live = **read;
    const bool same = uid.empty() || live.meta.uid == uid;
    if (same && !live.meta.deletionTimestamp && !live.spec.revokeReason && !live.terminal()) return {};
    return fail(ErrorKind::Conflict, fmt::format("grant {} has ended meanwhile", name));
  };
  if (grant.spec.parent)
    if (auto runs = check(grant.spec.parent->name, ""); !runs) return runs;
  return check(grant.meta.name, grant.meta.uid);
}

Result<void> SlotFiller::fill(const plan::FillSlot& action, const api::TaskGrant& grant) const {
  const std::string& ns = grant.meta.ns;
  const auto existing =
      own_.ensure(action.meta, grant,
                  fmt::format("slot.secretName: Secret {} exists and was not made by the operator for this "
                              "grant, so it is left alone",
                              action.secretName));
  if (!existing) return std::unexpected(existing.error());
  const api::ObjectMeta& slot = (*existing)->meta;

  if (auto runs = stillRuns(grant); !runs) return runs;
  const kube::ObjectReference bound{"v1", "Secret", ns, action.secretName, slot.uid, ""};
  api::SecretData data;
  std::vector<api::Credential> credentials;
  Time firstExpiry = Time::max();
  // Checks the window again before each step: a call may take long, and the plan was made before the first.
  const auto inWindow = [&]() -> Result<Millis> {
    const Millis left = action.end - clock_.now();
    if (left > Millis{0}) return left;
    return fail(ErrorKind::Conflict,
                fmt::format("the window of grant {} has closed meanwhile", grant.meta.name));
  };
  const auto issue = [&](std::vector<std::string> audiences, const std::string& file) -> Result<void> {
    const auto left = inWindow();
    if (!left) return std::unexpected(left.error());
    const Seconds life =
        std::min(action.life, std::max(kube::kShortestTokenLife, std::chrono::ceil<Seconds>(*left)));
    auto issued = client_.requestToken(ns, action.account,
                                       {audiences, life, bound, std::min(*left, kube::kLongestCall)});
    if (!issued) return std::unexpected(std::move(issued.error()));
    data.add(file, issued->token.reveal());
    firstExpiry = std::min(firstExpiry, issued->expiresAt);
    credentials.push_back({audiences.empty() ? "kubernetes" : audiences.front(), issued->credentialId,
                           issued->issuedAt, issued->expiresAt});
    proofs_.hold(grant.meta.uid, {std::move(issued->token), std::move(audiences)});
    return {};
  };
  for (const api::Audience& audience : action.audiences)
    if (auto done = issue({audience.name}, audience.file); !done) return done;
  if (action.apiToken) {
    if (auto done = issue({}, "token"); !done) return done;
    data.add("kubeconfig", kubeconfig(endpoint_, ns));
  }
  data.add("ca.crt", endpoint_.caPem);
  data.add("namespace", ns);
  if (firstExpiry != Time::max()) data.add("expires-at", formatTime(firstExpiry));
  for (const std::string& lease : action.leases) {
    const auto source = readLease(client_, ns, lease);
    if (!source) return std::unexpected(source.error());
    for (const auto& [key, value] : source->data)
      if (const std::string file = fmt::format("{}.{}", lease, key); !data.addEncoded(file, value.reveal()))
        return fail(ErrorKind::Invalid,
                    fmt::format("spec.access.secrets: the slot already has a file {}, so Secret {} cannot be "
                                "leased with that key",
                                file, lease));
  }

  if (const auto left = inWindow(); !left) return std::unexpected(left.error());
  api::ObjectMeta meta = action.meta;
  meta.annotations = {{std::string(api::kCredentialsAnnotation), api::encode(credentials).dump()},
                      {std::string(plan::kLeasedAnnotation), action.leasedVersions}};
  return own_.overwrite(slot, meta, data);
}

}  // namespace errand::apply
