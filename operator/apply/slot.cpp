// Fills a slot: a Secret of the grant's own, tokens bound to that very Secret,
// leased values, and what a client needs to use them.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "core/api/secret.hpp"
#include "core/base/crypto.hpp"
#include "operator/apply/applier.hpp"
#include "operator/plan/judge/facts.hpp"

namespace errand::apply {
namespace {

using nlohmann::json;

// The data of a Secret as JSON text that is wiped; keys are ours or a Secret's
// ([-._a-zA-Z0-9]+), values base64, so nothing needs escaping.
class SecretData {
 public:
  SecretData() { text_.reserve(16384); }
  ~SecretData() { Sensitive::wipe(text_); }
  SecretData(const SecretData&) = delete;
  SecretData& operator=(const SecretData&) = delete;

  void add(std::string_view key, std::string_view value) {
    std::string encoded = base64Encode(value);
    addEncoded(key, encoded);
    Sensitive::wipe(encoded);
  }
  // False where the key is taken: the first stays.
  bool addEncoded(std::string_view key, std::string_view base64) {
    if (!keys_.emplace(key).second) return false;
    grow(key.size() + base64.size() + 8);
    text_.append(text_.empty() ? "\"" : ",\"").append(key).append("\":\"").append(base64).append("\"");
    return true;
  }
  // An object with this data; `head` is the JSON of everything else.
  Sensitive with(const json& head) const {
    std::string out = head.dump();
    out.reserve(out.size() + text_.size() + 16);
    out.pop_back();
    out.append(",\"data\":{").append(text_).append("}}");
    return Sensitive(std::move(out));
  }

 private:
  // A string that grows by itself leaves its old buffer behind unwiped.
  void grow(size_t more) {
    if (text_.size() + more <= text_.capacity()) return;
    std::string larger;
    larger.reserve(2 * (text_.capacity() + more));
    larger.append(text_);
    Sensitive::wipe(text_);
    text_ = std::move(larger);
  }
  std::string text_;
  std::set<std::string, std::less<>> keys_;
};

// A precondition where `version` names what is to be overwritten: of two writers,
// the one that has not seen the other's tokens fails.
json head(api::ObjectMeta meta, const std::string& uid, const std::string& version) {
  meta.uid = uid;
  meta.resourceVersion = version;
  return {{"apiVersion", "v1"}, {"kind", "Secret"}, {"type", "Opaque"}, {"metadata", api::encode(meta)}};
}

// Paths are relative to the file, as kubectl and client-go resolve them, so that a renewed token needs no new
// kubeconfig.
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

Result<void> addLease(const kube::Client& client, const std::string& ns, const std::string& name,
                      SecretData& out) {
  auto raw = client.getRaw(api::kSecrets, ns, name);
  if (!raw) return std::unexpected(std::move(raw.error()));
  const auto secret = api::readSecret(*raw);
  if (!secret) return fail(ErrorKind::Internal, fmt::format("Secret {} is not JSON", name));
  const std::string& type = secret->type;
  std::string taken;
  const bool allowed = type != "kubernetes.io/service-account-token" && type != "helm.sh/release.v1";
  for (const auto& [key, value] : secret->data) {
    const std::string file = fmt::format("{}.{}", name, key);
    if (allowed && !out.addEncoded(file, value.reveal())) taken = file;
  }
  if (!taken.empty())
    return fail(ErrorKind::Invalid,
                fmt::format("spec.access.secrets: the slot already has a file {}, so Secret {} cannot be "
                            "leased with that key",
                            taken, name));
  if (!allowed)
    return fail(
        ErrorKind::Invalid,
        fmt::format("spec.access.secrets: Secret {} is of type {}, which is never leased", name, type));
  return {};
}

}  // namespace

// The watch may not have told of an end that another process, or this one before
// a restart, has stored. A token cannot be called back, so this one read is not of the cache.
Result<void> Applier::stillRuns(const api::TaskGrant& grant) const {
  auto stored = client_.get(api::kTaskGrants, grant.meta.ns, grant.meta.name);
  if (!stored) return std::unexpected(std::move(stored.error()));
  auto live = api::decode<api::TaskGrant>(*stored);
  if (!live) return std::unexpected(std::move(live.error()));
  if (live->meta.uid == grant.meta.uid && !live->meta.deletionTimestamp && !live->spec.revokeReason &&
      !live->terminal())
    return {};
  stores_.grants.upsert(std::make_shared<const api::TaskGrant>(std::move(*live)));
  return fail(ErrorKind::Conflict, "the grant has ended meanwhile");
}

Result<void> Applier::fillSlot(const plan::FillSlot& action, const api::TaskGrant& grant) const {
  const std::string& ns = grant.meta.ns;
  // The tokens are bound to the Secret's uid, so it is there before them, empty.
  auto existing = stores_.secrets.get(ns, action.secretName);
  if (!existing) {
    auto made = client_.createRaw(api::kSecrets, ns, Sensitive(head(action.meta, "", "").dump()));
    if (!made && made.error().kind == ErrorKind::AlreadyExists)
      made = client_.getMetadata(api::kSecrets, ns, action.secretName);
    if (!made) return std::unexpected(std::move(made.error()));
    existing = std::make_shared<const api::Object>(std::move(*made));
    if (plan::isOurs(existing->meta, grant)) stores_.secrets.upsert(existing);
  }
  if (!plan::isOurs(existing->meta, grant))
    return fail(ErrorKind::AlreadyExists,
                fmt::format("slot.secretName: Secret {} exists and was not made by the operator for this "
                            "grant, so it is left alone",
                            action.secretName));

  if (auto runs = stillRuns(grant); !runs) return runs;
  const kube::ObjectReference bound{"v1", "Secret", ns, action.secretName, existing->meta.uid, ""};
  SecretData data;
  std::vector<api::Credential> credentials;
  Time firstExpiry = Time::max();
  const auto issue = [&](std::vector<std::string> audiences, const std::string& file) -> Result<void> {
    auto issued = client_.requestToken(ns, action.account, {audiences, action.life, bound});
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
  for (const std::string& lease : action.leases)
    if (auto done = addLease(client_, ns, lease, data); !done) return done;

  api::ObjectMeta meta = action.meta;
  meta.annotations = {{std::string(api::kCredentialsAnnotation), api::encode(credentials).dump()},
                      {std::string(plan::kLeasedAnnotation), action.leasedVersions}};
  auto written = client_.applyRaw(api::kSecrets, ns, action.secretName,
                                  data.with(head(meta, existing->meta.uid, existing->meta.resourceVersion)));
  if (!written) return std::unexpected(std::move(written.error()));
  stores_.secrets.upsert(std::make_shared<const api::Object>(std::move(*written)));
  return {};
}

}  // namespace errand::apply
