#include "core/kube/http/transport.hpp"

#include <fmt/format.h>

namespace errand::kube {
namespace {

bool unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

void encode(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (unreserved(c))
      out += c;
    else
      fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
  }
}

}  // namespace

std::string_view toString(Method method) {
  switch (method) {
    case Method::Get:
      return "GET";
    case Method::Post:
      return "POST";
    case Method::Put:
      return "PUT";
    case Method::Patch:
      return "PATCH";
    case Method::Delete:
      return "DELETE";
  }
  return "GET";
}

Request Request::copy() const {
  return {method,      path,    query,   contentType,     accept,
          body.copy(), timeout, repeats, freshConnection, bearer.copy()};
}

Result<std::string> encodeTarget(const Request& request) {
  std::string out;
  for (const std::string& segment : request.path) {
    if (segment.empty() || segment == "." || segment == ".." ||
        segment.find_first_of("/%") != std::string::npos)
      return fail(ErrorKind::Invalid, fmt::format("\"{}\" is not a name that can be part of a URL", segment));
    out += '/';
    encode(out, segment);
  }
  char separator = '?';
  for (const auto& [key, value] : request.query) {
    out += separator;
    encode(out, key);
    out += '=';
    encode(out, value);
    separator = '&';
  }
  return out;
}

}  // namespace errand::kube
