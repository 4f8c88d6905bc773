#include "core/kube/client/review.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/base/crypto.hpp"
#include "core/json/node.hpp"
#include "core/json/value.hpp"
#include "core/kube/client/client.hpp"
#include "core/kube/client/paths.hpp"

namespace errand::kube {
namespace {

// The timeout of reviewToken(). Its callers review again soon, so one server without an answer must not block
// them for kLongestCall.
constexpr Millis kReviewTimeout{5'000};

using nlohmann::json;

constexpr api::Resource kTokenReviews{"authentication.k8s.io", "v1", "tokenreviews", "TokenReview"};
constexpr api::Resource kSelfReviews{"authorization.k8s.io", "v1", "selfsubjectaccessreviews",
                                     "SelfSubjectAccessReview"};
constexpr api::Resource kAccessReviews{"authorization.k8s.io", "v1", "subjectaccessreviews",
                                       "SubjectAccessReview"};

bool tokenCharacter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.';
}

// Bearer tokens (RFC 6750, section 2.1) need no escape in JSON.
bool bearerCharacter(char c) { return tokenCharacter(c) || c == '~' || c == '+' || c == '/' || c == '='; }

// Finds the token in a TokenRequest's answer. A JSON parser would leave copies that nothing wipes. A
// quotation mark inside a string is escaped, so no string can imitate this key. Returns an empty view if
// there is none.
std::string_view findToken(std::string_view body) {
  constexpr std::string_view key = "\"token\":";
  const size_t at = body.find(key);
  if (at == std::string_view::npos) return {};
  body.remove_prefix(at + key.size());
  while (body.starts_with(' ')) body.remove_prefix(1);
  if (!body.starts_with('"')) return {};
  body.remove_prefix(1);
  return body.substr(0, static_cast<size_t>(std::ranges::find_if_not(body, tokenCharacter) - body.begin()));
}

// The claims of RFC 7519 that Kubernetes always sets.
Result<IssuedToken> readClaims(std::string_view token) {
  const auto malformed = [] {
    return fail(ErrorKind::Internal, "the API server issued a token that is not a JWT with iat, exp and jti");
  };
  const size_t first = token.find('.');
  const size_t second = token.find('.', first == std::string_view::npos ? first : first + 1);
  if (second == std::string_view::npos) return malformed();
  const auto payload = base64UrlDecode(token.substr(first + 1, second - first - 1));
  if (!payload) return malformed();
  const auto claims = JsonDocument::parse(*payload);
  if (!claims) return malformed();
  std::int64_t issued = 0, expires = 0;
  IssuedToken out;
  JsonNode::Failure failure;
  const JsonNode r(*claims, failure);
  r.read("iat", issued);
  r.read("exp", expires);
  r.read("jti", out.credentialId);
  if (!failure.message.empty() || issued <= 0 || expires <= issued || out.credentialId.empty())
    return malformed();
  out.issuedAt = Time{Seconds{issued}};
  out.expiresAt = Time{Seconds{expires}};
  out.token = Sensitive(std::string(token));
  return out;
}

void overwrite(std::string& text, std::string_view secret) {
  for (size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + secret.size()))
    text.replace(at, secret.size(), secret.size(), '-');
}

Request post(std::vector<std::string> path, Sensitive body) {
  Request out;
  out.method = Method::Post;
  out.path = std::move(path);
  out.body = std::move(body);
  return out;
}

// Calls f(JsonNode) for the status of a review, if it has one. Fails with Invalid if the text is no object,
// or a field of the status has the wrong type: such an answer decides nothing.
template <class F>
Result<void> readStatus(std::string_view text, F f) {
  const auto document = JsonDocument::parse(text);
  if (!document) return std::unexpected(document.error());
  JsonNode::Failure failure;
  const JsonNode answer(*document, failure);
  if (answer.mustBeObject()) answer.object("status", f);
  if (!failure.message.empty()) return fail(ErrorKind::Invalid, std::move(failure.message));
  return {};
}

}  // namespace

Result<IssuedToken> Client::requestToken(std::string_view ns, std::string_view account,
                                         const TokenSpec& spec) const {
  const std::string doing = fmt::format("request token for serviceaccount {}/{}", ns, account);
  json wanted = {{"audiences", spec.audiences}, {"expirationSeconds", spec.expiration.count()}};
  if (spec.boundTo)
    wanted["boundObjectRef"] = {{"apiVersion", spec.boundTo->apiVersion},
                                {"kind", spec.boundTo->kind},
                                {"name", spec.boundTo->name},
                                {"uid", spec.boundTo->uid}};
  const json body = {{"apiVersion", "authentication.k8s.io/v1"}, {"kind", "TokenRequest"}, {"spec", wanted}};
  Request asked = post(objectPath(api::kServiceAccounts, ns, account, "token"), Sensitive(body.dump()));
  asked.timeout = spec.timeout;
  auto response = send(asked, doing, false);
  if (!response) return std::unexpected(std::move(response.error()));
  auto issued = readClaims(findToken(response->body.reveal()));
  if (!issued) return std::unexpected(std::move(issued.error()).in(doing));
  return issued;
}

Result<TokenReview> Client::reviewToken(const Sensitive& token, const std::vector<std::string>& audiences,
                                        bool freshConnection) const {
  constexpr std::string_view doing = "review token";
  const std::string_view secret = token.reveal();
  if (secret.empty() || !std::ranges::all_of(secret, bearerCharacter))
    return fail(ErrorKind::Invalid, "review token: it is empty or has characters that no bearer token has");
  std::string body = R"({"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","spec":{"audiences":)";
  body.reserve(body.size() + secret.size() + 1024);
  body.append(json(audiences).dump()).append(R"(,"token":")").append(secret).append("\"}}");
  Request request = post(collectionPath(kTokenReviews, {}), Sensitive(std::move(body)));
  request.freshConnection = freshConnection;
  request.timeout = kReviewTimeout;
  auto response = send(request, doing, true);
  if (!response) return std::unexpected(std::move(response.error()));

  std::string text(response->body.reveal());
  overwrite(text, secret);  // the answer repeats the request's spec
  TokenReview out;
  const auto read = readStatus(text, [&](const JsonNode& status) {
    status.read("authenticated", out.authenticated);
    status.read("error", out.error);
    status.read("audiences", out.audiences);
    status.object("user", [&](const JsonNode& user) {
      user.read("username", out.username);
      user.read("uid", out.uid);
      user.read("groups", out.groups);
    });
  });
  if (!read) return std::unexpected(Error(read.error()).in(doing));
  return out;
}

Result<AccessAnswer> Client::accessReview(const AccessQuestion& question) const {
  const api::Resource& kind = question.user.empty() ? kSelfReviews : kAccessReviews;
  json spec = json::object();
  if (!question.user.empty()) spec = {{"user", question.user}, {"groups", question.groups}};
  if (!question.uid.empty()) spec["uid"] = question.uid;
  if (!question.extra.empty()) spec["extra"] = question.extra;
  if (question.path.empty())
    spec["resourceAttributes"] = {{"verb", question.verb},
                                  {"group", question.group},
                                  {"version", question.version},
                                  {"resource", question.resource},
                                  {"subresource", question.subresource},
                                  {"namespace", question.ns},
                                  {"name", question.name}};
  else
    spec["nonResourceAttributes"] = {{"verb", question.verb}, {"path", question.path}};
  const json body = {
      {"apiVersion", "authorization.k8s.io/v1"}, {"kind", kind.kind}, {"spec", std::move(spec)}};
  constexpr std::string_view doing = "review access";
  auto response = send(post(collectionPath(kind, {}), Sensitive(printJson(body))), doing, false);
  if (!response) return std::unexpected(std::move(response.error()));
  AccessAnswer out;
  const auto read = readStatus(response->body.reveal(), [&](const JsonNode& status) {
    status.read("allowed", out.allowed);
    status.read("denied", out.denied);
    status.read("reason", out.reason);
    status.read("evaluationError", out.evaluationError);
  });
  if (!read) return std::unexpected(Error(read.error()).in("answer of the API server").in(doing));
  return out;
}

}  // namespace errand::kube
