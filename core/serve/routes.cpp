#include "core/serve/routes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace errand::serve {
namespace {

bool sameIgnoringCase(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

// Returns the media type without its parameters (RFC 9110, section 8.3.1).
std::string_view mediaType(std::string_view contentType) {
  contentType = contentType.substr(0, contentType.find(';'));
  while (!contentType.empty() && (contentType.back() == ' ' || contentType.back() == '\t'))
    contentType.remove_suffix(1);
  return contentType;
}

}  // namespace

Response text(int status, std::string message) {
  message += '\n';
  return {status, std::move(message), "text/plain; charset=utf-8"};
}

bool hasParameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    if (pair.substr(0, pair.find('=')) == name) return true;
    if (end == std::string_view::npos) return false;
    query.remove_prefix(end + 1);
  }
  return false;
}

std::variant<const Route*, Response> Routes::find(const Request& request) const {
  std::string allowed;
  for (const Route& route : routes_) {
    if (route.path != request.path) continue;
    if (route.method != request.method) {
      allowed += (allowed.empty() ? "" : ", ") + route.method;
      continue;
    }
    if (!route.contentType.empty() && !sameIgnoringCase(mediaType(request.contentType), route.contentType)) {
      Response refusal =
          text(415, fmt::format("the body must be sent with Content-Type: {}", route.contentType));
      refusal.headers.emplace_back("Accept", route.contentType);
      return refusal;
    }
    return &route;
  }
  if (allowed.empty()) return text(404, "no such path");
  Response refusal = text(405, fmt::format("this path takes {}", allowed));
  refusal.headers.emplace_back("Allow", allowed);
  return refusal;
}

std::vector<std::string> Routes::paths() const {
  std::vector<std::string> out;
  for (const Route& route : routes_)
    if (std::ranges::find(out, route.path) == out.end()) out.push_back(route.path);
  return out;
}

}  // namespace errand::serve
