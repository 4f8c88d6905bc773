// Converts the API server's error answer (metav1.Status) to an Error.
#pragma once

#include "core/base/result.hpp"
#include "core/kube/http/transport.hpp"

namespace errand {
class JsonNode;
}

namespace errand::kube {

// Converts an answer outside 2xx. The kind follows the Status' reason, or else the code. The message is the
// server's, up to 2,048 bytes. If `sensitiveRequest` is true, a message that could repeat part of the request
// is replaced by the code, the reason and the names of the fields.
Error errorOf(const Response& response, bool sensitiveRequest = false);

// Converts a Status that is the object of a watch event of type ERROR.
Error errorOfStatus(const JsonNode& status);

}  // namespace errand::kube
