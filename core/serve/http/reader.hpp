// Parses one HTTP/1.1 request (RFC 9112) without I/O: the caller feeds the bytes.
// Beast's parser is included in the .cpp only.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/serve/routes.hpp"

namespace errand::serve {

enum class Excess { None, HeaderBytes, BodyBytes };

// The answer to a request that cannot be read, and the bound that it exceeded, if any.
struct Refusal {
  Response response;
  Excess excess = Excess::None;
};

// The largest body without Content-Length (chunked), within the bound of all bodies. The API server sends
// Content-Length. Other clients must not make the server hold much of a body that may never end.
inline constexpr std::size_t kUnknownLengthBytes = std::size_t{1} << 20;

// Refuses these requests:
// - 431: a header over its bound;
// - 413: a body over its bound; with Content-Length, before any of it is read;
// - 411: a body without a length, or of unknown length over its own bound;
// - 400: a request that two parties could frame differently. That is Content-Length twice or together with
//   Transfer-Encoding, an encoding other than chunked, a chunk size that is no number or out of bounds, or
//   not exactly one Host.
class RequestReader {
 public:
  enum class Stage { Header, Body, Whole, Refused };

  RequestReader(std::size_t headerBytes, std::size_t bodyBytes);
  RequestReader(RequestReader&&) noexcept;
  ~RequestReader();

  // Consumes bytes and returns their number. The caller keeps the rest and passes it
  // again with the bytes that follow. Returns at the end of the header, so that the
  // caller need not read a body. Consumes nothing once Whole or Refused.
  std::size_t feed(std::string_view bytes);

  Stage stage() const { return stage_; }
  const Refusal& refusal() const { return refusal_; }

  // Valid from the end of the header on. The views point into this object.
  Request request() const;
  bool keepAlive() const;        // false for HTTP/1.0
  bool expectsContinue() const;  // RFC 9110, section 10.1.1

  std::size_t bodySize() const;
  void dropBody();

 private:
  struct Parser;
  void refuse(Response response, Excess excess = Excess::None);
  void checkHeader();

  const std::size_t headerBytes_, bodyBytes_;
  std::unique_ptr<Parser> parser_;
  Stage stage_ = Stage::Header;
  std::size_t headerTaken_ = 0;  // of the header's bytes
  Refusal refusal_;
};

}  // namespace errand::serve
