// The network's seam: a request in, an answer or a stream of bytes out.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/sensitive.hpp"
#include "core/base/time.hpp"

namespace errand::kube {

enum class Method { Get, Post, Put, Patch, Delete };

std::string_view toString(Method method);

inline constexpr Millis kLongestCall{30'000};  // default of Request::timeout

struct Request {
  Method method = Method::Get;
  std::vector<std::string> path = {};                           // segments, not encoded
  std::vector<std::pair<std::string, std::string>> query = {};  // not encoded
  std::string contentType = "application/json";                 // of the body, where there is one
  std::string accept = "application/json";
  Sensitive body = {};
  Millis timeout = kLongestCall;  // from the call to the last byte of the answer
  int repeats = 0;                // the status of the answer that caused this retry; 0: no retry
  bool freshConnection = false;   // reuse no connection: the answer may come from another API server
  Sensitive bearer = {};          // authenticates by this token instead of the transport's credentials

  Request copy() const;
};

struct Response {
  int status = 0;
  Sensitive body = {};
  Millis retryAfter{0};  // zero where the server named none
};

// The path and query of a URL, each part percent-encoded by itself (RFC 3986,
// section 2). A segment that is empty, "." or "..", or that has a "/" or "%", is
// Invalid: servers decode before they route, so it could mean another object
// (apimachinery's IsValidPathSegmentName).
Result<std::string> encodeTarget(const Request& request);

// Safe to use from several threads. An HTTP status of any kind is an answer,
// not an error. Errors: Unavailable (no connection, or it broke: a write may
// have been carried out), Timeout, Cancelled (within 100 ms of a stop), Invalid
// (a bad path). Error texts hold neither bodies nor credentials.
class Transport {
 public:
  // Bytes of a streamed answer, as they come; false ends the stream.
  using Sink = std::function<bool(std::string_view)>;

  virtual ~Transport() = default;
  virtual Result<Response> call(const Request& request, std::stop_token stop) = 0;

  // Gives the body of an answer with status 200 to `sink`, in the calling
  // thread, and returns when it has ended; the response's body is then empty.
  // Any other answer is returned whole.
  virtual Result<Response> stream(const Request& request, const Sink& sink, std::stop_token stop) = 0;
};

}  // namespace errand::kube
