#include "webhook/answer.hpp"

#include <nlohmann/json.hpp>

#include "core/base/crypto.hpp"

namespace errand::webhook {
namespace {

using nlohmann::json;

std::string wrap(json response) {
  const json review = {
      {"apiVersion", "admission.k8s.io/v1"}, {"kind", "AdmissionReview"}, {"response", std::move(response)}};
  return review.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

std::string allowAnswer(std::string_view uid, std::string_view patch, const Remarks& remarks) {
  json response = {{"uid", uid}, {"allowed", true}};
  if (!patch.empty()) {
    response["patchType"] = "JSONPatch";
    response["patch"] = base64Encode(patch);
  }
  if (!remarks.warnings.empty()) response["warnings"] = remarks.warnings;
  if (!remarks.audit.empty()) response["auditAnnotations"] = {{"findings", remarks.audit}};
  return wrap(std::move(response));
}

std::string refuseAnswer(std::string_view uid, std::string_view message) {
  constexpr int kForbidden = 403;
  return wrap({{"uid", uid},
               {"allowed", false},
               {"status", {{"code", kForbidden}, {"reason", "Forbidden"}, {"message", message}}}});
}

}  // namespace errand::webhook
