#include "webhook/answer.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/base/crypto.hpp"

namespace errand::webhook {
namespace {

using nlohmann::json;

// Replaces bytes that are not UTF-8.
std::string jsonText(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

std::string wrap(std::string_view uid, bool allowed, std::string_view more) {
  return fmt::format(
      R"({{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{{"allowed":{},"uid":{}{}}}}})",
      allowed, jsonText(uid), more);
}

}  // namespace

std::string allowAnswer(std::string_view uid, std::string_view patch, const Remarks& remarks) {
  std::string more;
  if (!patch.empty()) more += fmt::format(R"(,"patchType":"JSONPatch","patch":"{}")", base64Encode(patch));
  if (!remarks.warnings.empty()) more += R"(,"warnings":)" + jsonText(remarks.warnings);
  json annotations = json::object();
  if (!remarks.audit.empty()) annotations["findings"] = remarks.audit;
  if (!remarks.exempted.empty()) annotations["exempted"] = remarks.exempted;
  if (!annotations.empty()) more += R"(,"auditAnnotations":)" + jsonText(annotations);
  return wrap(uid, true, more);
}

std::string refuseAnswer(std::string_view uid, std::string_view message) {
  return wrap(
      uid, false,
      fmt::format(R"(,"status":{{"code":403,"reason":"Forbidden","message":{}}})", jsonText(message)));
}

}  // namespace errand::webhook
