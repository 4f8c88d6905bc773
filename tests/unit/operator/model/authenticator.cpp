// Tokens: who issues them, and when the API server takes them. Bound to an account
// and a Secret by uid, as pkg/serviceaccount's validator has it; a success is
// remembered for 10 s (--authentication-token-webhook-cache-ttl's sibling for service accounts).
#include <fmt/format.h>

#include <algorithm>

#include "tests/unit/operator/model/answers.hpp"
#include "tests/unit/operator/model/apiserver.hpp"

namespace errand::model {

bool ApiServer::alive(const Token& token) const {
  const auto lives = [&](const char* kind, const std::string& name, const std::string& uid) {
    const json* object = find(kind, name);
    return object != nullptr && (*object)["metadata"]["uid"] == uid;
  };
  return clock_.now() < token.expires && lives("serviceaccounts", token.account, token.accountUid) &&
         (token.secret.empty() || lives("secrets", token.secret, token.secretUid));
}

kube::Response ApiServer::requestToken(const std::string& account, const json& body) {
  const json* object = find("serviceaccounts", account);
  if (object == nullptr) return failure(404, "NotFound");
  const json& spec = body["spec"];
  Token token;
  token.account = account;
  token.accountUid = (*object)["metadata"]["uid"];
  if (spec.contains("boundObjectRef")) {
    token.secret = spec["boundObjectRef"]["name"];
    token.secretUid = spec["boundObjectRef"]["uid"];
    const json* secret = find("secrets", token.secret);
    if (secret == nullptr) return failure(404, "NotFound");
    if ((*secret)["metadata"]["uid"] != token.secretUid) return failure(409, "Conflict");
  }
  if (spec["expirationSeconds"] < 600) return failure(422, "Invalid");
  token.probe = spec["audiences"] == json{"errand.dev/probe"};
  token.issued = std::chrono::floor<Seconds>(clock_.now());
  token.expires = token.issued + Seconds{spec["expirationSeconds"].get<int>()};
  const auto seconds = [](Time t) { return static_cast<int>(t.time_since_epoch().count() / 1000); };
  token.text =
      apply::jwt(fmt::format("jti-{}", tokens_.size()), seconds(token.issued), seconds(token.expires));
  tokens_.push_back(token);
  onMint(token);
  return answer(201, apply::tokenAnswer(token.text));
}

kube::Response ApiServer::reviewToken(const json& body) {
  const auto it = std::ranges::find(tokens_, body["spec"]["token"].get<std::string>(), &Token::text);
  bool good = it != tokens_.end() && clock_.now() < it->cachedUntil;
  if (!good && it != tokens_.end() && alive(*it)) {
    good = true;
    it->cachedUntil = clock_.now() + Seconds{10};
  }
  json status = {{"authenticated", good}};
  if (!good) status["error"] = "[invalid bearer token, service account token has been invalidated]";
  return answer(201, json{{"kind", "TokenReview"}, {"spec", body["spec"]}, {"status", status}});
}

}  // namespace errand::model
