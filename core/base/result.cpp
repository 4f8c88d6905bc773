#include "core/base/result.hpp"

namespace errand {

std::string_view toString(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::Invalid:
      return "Invalid";
    case ErrorKind::NotFound:
      return "NotFound";
    case ErrorKind::AlreadyExists:
      return "AlreadyExists";
    case ErrorKind::Conflict:
      return "Conflict";
    case ErrorKind::Forbidden:
      return "Forbidden";
    case ErrorKind::Unauthorized:
      return "Unauthorized";
    case ErrorKind::Gone:
      return "Gone";
    case ErrorKind::TooManyRequests:
      return "TooManyRequests";
    case ErrorKind::Unavailable:
      return "Unavailable";
    case ErrorKind::Timeout:
      return "Timeout";
    case ErrorKind::Cancelled:
      return "Cancelled";
    case ErrorKind::Internal:
      return "Internal";
  }
  return "Unknown";
}

}  // namespace errand
