// Answers of the API server, as metav1 has them.
#pragma once

#include "tests/unit/operator/apply/fakeapi.hpp"

namespace errand::model {

inline kube::Response answer(int code, const nlohmann::json& body) {
  kube::Response out;
  out.status = code;
  out.body = Sensitive(body.dump());
  return out;
}

inline kube::Response failure(int code, const char* reason) {
  return answer(code, apply::status(code, reason));
}

}  // namespace errand::model
