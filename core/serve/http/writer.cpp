#include "core/serve/http/writer.hpp"

#include <fmt/format.h>

#include <boost/beast/http/status.hpp>
#include <iterator>

namespace errand::serve {

std::string serialize(const Response& response, bool keep, bool headOnly) {
  const auto reason =
      boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(response.status));
  std::string out;
  out.reserve(256 + response.body.size());
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\n", response.status,
                 std::string_view(reason.data(), reason.size()));
  if (!keep) out += "Connection: close\r\n";
  fmt::format_to(std::back_inserter(out), "Content-Type: {}\r\n", response.contentType);
  for (const auto& [name, value] : response.headers)
    fmt::format_to(std::back_inserter(out), "{}: {}\r\n", name, value);
  fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n\r\n", response.body.size());
  if (!headOnly) out += response.body;
  return out;
}

}  // namespace errand::serve
