// The interface to the network, which tests replace: sends a request, and returns an answer or a stream.
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

// An HTTP request to the API server.
struct Request {
  Method method = Method::Get;
  std::vector<std::string> path = {};                           // segments, not encoded
  std::vector<std::pair<std::string, std::string>> query = {};  // not encoded
  std::string contentType = "application/json";                 // of the body, if there is one
  std::string accept = "application/json";
  Sensitive body = {};
  Millis timeout = kLongestCall;  // from the call to the last byte of the answer
  int repeats = 0;                // the status of the answer that caused this retry; 0: no retry
  bool freshConnection = false;   // reuse no connection: another API server may answer. Not for stream()
  Sensitive bearer = {};          // replaces the transport's credentials. Not for stream()

  Request copy() const;
};

// An HTTP answer of any status.
struct Response {
  int status = 0;
  Sensitive body = {};
  Millis retryAfter{0};  // zero if the server sent none
};

// Returns the path and query of a URL, each part percent-encoded by itself (RFC 3986, section 2). Fails with
// Invalid if a segment is empty, "." or "..", or has a "/" or "%". Servers decode before they route, so such
// a segment could address another object (apimachinery's IsValidPathSegmentName).
Result<std::string> encodeTarget(const Request& request);

// Safe to use from several threads. Every HTTP status is an answer, not an error. No error contains a body or
// a credential.
// - Unavailable: no connection, or it broke. A write may have been executed.
// - Timeout: no whole answer in time. A write may have been executed.
// - Cancelled: within 100 ms of a stop. A write may have been executed.
// - Unauthorized: the token file or the credential plugin gave no credential
// - Invalid: a bad path (encodeTarget), or a wrong certificate of the plugin
class Transport {
 public:
  // Receives the bytes of a streamed answer as they arrive. Returns false to end the stream.
  using Sink = std::function<bool(std::string_view)>;

  virtual ~Transport() = default;
  virtual Result<Response> call(const Request& request, std::stop_token stop) = 0;

  // Passes the body of an answer with status 200 to `sink`, in the calling thread. Returns at its end, or
  // when `sink` returns false; the body of the result is then empty. Any other answer is returned whole.
  virtual Result<Response> stream(const Request& request, const Sink& sink, std::stop_token stop) = 0;
};

}  // namespace errand::kube
