// Errors are values: every fallible function returns Result<T>.
#pragma once

#include <chrono>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace errand {

// The kind of an error determines how a caller handles it. The names follow the reasons of metav1.Status.
enum class ErrorKind {
  Invalid,  // the input is wrong: the same call fails again
  NotFound,
  AlreadyExists,
  Conflict,  // a precondition (uid, resourceVersion, JSON patch test) failed
  Forbidden,
  Unauthorized,
  Gone,             // a watch's resourceVersion is too old
  TooManyRequests,  // wait for Error::retryAfter
  Unavailable,      // no answer, or 5xx: the call may have been executed
  Timeout,          // no answer in time: the call may have been executed
  Cancelled,        // a stop was requested, or this process does not lead
  Internal,         // a system call failed, or an answer has an unexpected form
};

std::string_view toString(ErrorKind kind);

// An error of a fallible function.
struct Error {
  ErrorKind kind = ErrorKind::Internal;
  std::string message;                      // never holds a credential
  std::chrono::milliseconds retryAfter{0};  // the wait that the server requested; zero if it requested none

  // Prepends the operation to the message: "list pods: connection refused".
  Error&& in(std::string_view doing) && {
    message.insert(0, ": ").insert(0, doing);
    return std::move(*this);
  }
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorKind kind, std::string message) {
  return std::unexpected(Error{kind, std::move(message)});
}

}  // namespace errand
