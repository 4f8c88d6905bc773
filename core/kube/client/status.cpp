#include "core/kube/client/status.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "core/json/node.hpp"

namespace errand::kube {
namespace {

constexpr size_t kLongestMessage = 2048;

// https://pkg.go.dev/k8s.io/apimachinery/pkg/apis/meta/v1#StatusReason
constexpr std::pair<std::string_view, ErrorKind> kReasons[] = {
    {"NotFound", ErrorKind::NotFound},
    {"AlreadyExists", ErrorKind::AlreadyExists},
    {"Conflict", ErrorKind::Conflict},
    {"Forbidden", ErrorKind::Forbidden},
    {"Unauthorized", ErrorKind::Unauthorized},
    {"Gone", ErrorKind::Gone},
    {"Expired", ErrorKind::Gone},
    {"Invalid", ErrorKind::Invalid},
    {"BadRequest", ErrorKind::Invalid},
    {"TooManyRequests", ErrorKind::TooManyRequests},
    {"Timeout", ErrorKind::Timeout},
    {"ServerTimeout", ErrorKind::Unavailable},
    {"ServiceUnavailable", ErrorKind::Unavailable},
    {"InternalError", ErrorKind::Unavailable},
};

ErrorKind kindOfCode(std::int64_t code) {
  switch (code) {
    case 401:
      return ErrorKind::Unauthorized;
    case 403:
      return ErrorKind::Forbidden;
    case 404:
      return ErrorKind::NotFound;
    case 409:
      return ErrorKind::Conflict;
    case 410:
      return ErrorKind::Gone;
    case 429:
      return ErrorKind::TooManyRequests;
    case 504:
      return ErrorKind::Timeout;
    default:
      break;
  }
  if (code >= 500) return ErrorKind::Unavailable;
  return code >= 400 ? ErrorKind::Invalid : ErrorKind::Internal;
}

struct Status {
  std::int64_t code = 0, retryAfterSeconds = 0;
  std::string reason, message;
  std::vector<std::string> fields;
};

Status readStatus(const JsonNode& r) {
  Status out;
  r.read("code", out.code);
  r.read("reason", out.reason);
  r.read("message", out.message);
  r.object("details", [&](const JsonNode& details) {
    details.read("retryAfterSeconds", out.retryAfterSeconds);
    details.list("causes", [&](const JsonNode& cause) { cause.read("field", out.fields.emplace_back()); });
  });
  return out;
}

// Rejections by RBAC, quota and admission name the object and the rule. A message of validation or of a
// failed decoder may contain the value.
bool mayRepeatTheRequest(const Status& status, ErrorKind kind) {
  return kind != ErrorKind::Forbidden && kind != ErrorKind::NotFound && kind != ErrorKind::AlreadyExists &&
         kind != ErrorKind::Conflict && status.message.find(" is forbidden: ") == std::string::npos;
}

Error toError(Status status, bool sensitiveRequest) {
  Error out;
  out.kind = kindOfCode(status.code);
  for (const auto& [reason, kind] : kReasons)
    if (reason == status.reason) out.kind = kind;
  // The uid in a server-side apply is a precondition. The API server reports its failure as
  // a validation error.
  if (out.kind == ErrorKind::Invalid &&
      std::ranges::find(status.fields, "metadata.uid") != status.fields.end())
    out.kind = ErrorKind::Conflict;
  out.retryAfter = Seconds{status.retryAfterSeconds};
  if (sensitiveRequest && mayRepeatTheRequest(status, out.kind)) {
    out.message = fmt::format("the API server answered {} {}", status.code, status.reason);
    if (!status.fields.empty()) out.message += fmt::format(" about {}", fmt::join(status.fields, ", "));
  } else if (status.message.empty()) {
    out.message = fmt::format("the API server answered {} {}", status.code, status.reason);
  } else {
    out.message = status.message.substr(0, kLongestMessage);
  }
  while (out.message.ends_with(' ')) out.message.pop_back();
  return out;
}

}  // namespace

Error errorOf(const Response& response, bool sensitiveRequest) {
  Status status;
  JsonNode::Failure ignored;
  if (const auto body = JsonDocument::parse(response.body.reveal(), {.wipes = sensitiveRequest}))
    status = readStatus(JsonNode(*body, ignored));
  status.code = response.status;
  Error out = toError(std::move(status), sensitiveRequest);
  if (response.retryAfter > out.retryAfter) out.retryAfter = response.retryAfter;
  return out;
}

Error errorOfStatus(const JsonNode& status) { return toError(readStatus(status), false); }

}  // namespace errand::kube
