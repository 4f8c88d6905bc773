#include "core/api/seal.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/api/reader.hpp"
#include "core/base/crypto.hpp"

namespace errand::api {
namespace {

using nlohmann::json;

struct Seal {
  std::string keyId, nonce, at, signature;
  bool generated = false;  // the name was to be made from generateName
};

std::string textOf(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

// What is signed. A JSON array, for it has one form: no text of a user can pass for another field.
std::string sealedText(const TaskGrant& grant, const Requester& requester, const Seal& seal) {
  return textOf(
      json::array({"errand.dev/seal/v1", "TaskGrant", grant.meta.ns, seal.generated ? "generateName" : "name",
                   seal.generated ? grant.meta.generateName : grant.meta.name, canonical(grant.spec),
                   textOf(encode(requester)), seal.nonce, seal.at, seal.keyId}));
}

Result<Seal> decodeSeal(std::string_view text) {
  const Result<json> value = parseJson(text);
  if (!value) return std::unexpected(value.error());
  Seal out;
  const Reader r(*value);
  r.read("keyID", out.keyId);
  r.read("nonce", out.nonce);
  r.read("time", out.at);
  r.read("signature", out.signature);
  r.read("generated", out.generated);
  return r.finish(std::move(out));
}

std::unexpected<SealProblem> problem(std::string_view reason, std::string_view what) {
  return std::unexpected(SealProblem{
      std::string(reason),
      fmt::format(
          "metadata.annotations: {}; nothing is given to a grant that admission did not see: create it "
          "again while the webhook serves this namespace",
          what)});
}

}  // namespace

std::string canonical(const TaskGrantSpec& spec) {
  const TaskGrantSpec defaults;
  json out = encode(spec);
  out.erase("revoke");
  if (spec.delivery == defaults.delivery) out.erase("delivery");
  if (spec.ttlSecondsAfterFinished == defaults.ttlSecondsAfterFinished) out.erase("ttlSecondsAfterFinished");
  return textOf(out);
}

Result<StringMap> seal(const TaskGrant& grant, const Requester& requester, const SigningKey& key,
                       std::string_view nonce, Time now) {
  const Seal made{key.id(), std::string(nonce), formatTime(now), "", grant.meta.name.empty()};
  const auto signature = key.sign(sealedText(grant, requester, made));
  if (!signature) return std::unexpected(signature.error());
  json annotation = {{"keyID", made.keyId},
                     {"nonce", made.nonce},
                     {"time", made.at},
                     {"signature", base64Encode(*signature)}};
  if (made.generated) annotation["generated"] = true;
  StringMap out = {{std::string(kRequesterAnnotation), textOf(encode(requester))},
                   {std::string(kSealAnnotation), textOf(annotation)}};
  if (out.begin()->second.size() > kLongestRequester)
    return fail(ErrorKind::Invalid,
                fmt::format("who asks cannot be recorded: user, groups and extra take {} bytes "
                            "of at most {}",
                            out.begin()->second.size(), kLongestRequester));
  return out;
}

std::expected<Sealed, SealProblem> checkSeal(const TaskGrant& grant, const VerifyingKeys& keys) {
  const std::string_view text = grant.meta.annotation(kSealAnnotation);
  if (text.empty()) return problem("Unsealed", fmt::format("{} is missing", kSealAnnotation));
  const auto seal = decodeSeal(text);
  const auto requester = decodeRequester(grant.meta.annotation(kRequesterAnnotation));
  const auto at = seal ? parseTime(seal->at) : std::unexpected(seal.error());
  const auto signature = seal ? base64Decode(seal->signature) : std::unexpected(seal.error());
  if (!seal || !requester || !at || !signature || seal->nonce.empty())
    return problem("SealBroken",
                   fmt::format("{} and {} cannot be read", kSealAnnotation, kRequesterAnnotation));
  if (!keys.has(seal->keyId))
    return problem("SealKeyUnknown",
                   fmt::format("{} is by a key that is not accepted (any longer)", kSealAnnotation));
  const bool named = !seal->generated || (!grant.meta.generateName.empty() &&
                                          grant.meta.name.starts_with(grant.meta.generateName));
  if (!named || !keys.verify(seal->keyId, sealedText(grant, *requester, *seal), *signature))
    return problem("SealBroken", fmt::format("{} is not of this grant", kSealAnnotation));
  return Sealed{*requester, seal->nonce, *at};
}

std::string sealKeyId(const ObjectMeta& meta) {
  const auto seal = decodeSeal(meta.annotation(kSealAnnotation));
  return seal ? seal->keyId : std::string();
}

}  // namespace errand::api
