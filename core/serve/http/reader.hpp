// Parses one HTTP/1.1 request (RFC 9112) without I/O: the caller passes the bytes. Only the .cpp includes
// Beast's parser.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/serve/routes.hpp"

namespace errand::serve {

// The limit that a request exceeded.
enum class Excess { None, HeaderBytes, BodyBytes };

// The answer to a request that cannot be read, and the limit that the request exceeded, if any.
struct Refusal {
  Response response;
  Excess excess = Excess::None;
};

// The limit for a chunked body, if bodyBytes is not less. The API server sends Content-Length. Other clients
// must not make the server buffer a large body that may never end.
inline constexpr std::size_t kUnknownLengthBytes = std::size_t{1} << 20;

// Refuses these requests:
// - 431: a header over headerBytes; also an extension of a chunk, or a trailer, over that limit
// - 413: a body over bodyBytes; with Content-Length, before any of it is read
// - 411: POST, PUT or PATCH without a length, or a chunked body over kUnknownLengthBytes
// - 400: malformed syntax, or a request that a proxy could read with another length: Content-Length twice or
//   together with Transfer-Encoding, an encoding other than chunked, or in HTTP/1.1 not exactly one Host
class RequestReader {
 public:
  enum class Stage { Header, Body, Whole, Refused };

  RequestReader(std::size_t headerBytes, std::size_t bodyBytes);
  RequestReader(RequestReader&&) noexcept;
  ~RequestReader();

  // Consumes bytes and returns their number. Pass the rest again, with the bytes that follow. Returns at the
  // end of the header, so that the caller need not read a body. Consumes nothing at stage Whole or Refused.
  std::size_t feed(std::string_view bytes);

  Stage stage() const { return stage_; }
  const Refusal& refusal() const { return refusal_; }  // for stage Refused

  // Call the following only at stage Body or Whole. The views of the request are valid until the next feed()
  // or dropBody().
  Request request() const;
  bool keepAlive() const;        // false for HTTP/1.0
  bool expectsContinue() const;  // RFC 9110, section 10.1.1

  std::size_t bodySize() const;  // bytes of the body that have arrived
  void dropBody();               // frees the body's memory; the request's body is then empty

 private:
  struct Parser;
  void refuse(Response response, Excess excess = Excess::None);
  void checkHeader();

  const std::size_t headerBytes_, bodyBytes_;
  std::unique_ptr<Parser> parser_;
  Stage stage_ = Stage::Header;
  std::size_t headerTaken_ = 0;  // bytes of the header that were consumed
  Refusal refusal_;
};

}  // namespace errand::serve
