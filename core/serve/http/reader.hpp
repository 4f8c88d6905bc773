// One HTTP/1.1 request out of bytes (RFC 9112), with no I/O: whoever has the
// bytes feeds them. Beast's parser stays behind the .cpp.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/serve/routes.hpp"

namespace errand::serve {

enum class Excess { None, HeaderBytes, BodyBytes };

// A request that cannot be read, and which bound it went over, if that is why.
struct Refusal {
  Response response;
  Excess excess = Excess::None;
};

// What a body may have whose length is not told before it, within the bound of all bodies: an API server
// tells it, so whoever does not cannot make us hold much for a length that may never end.
inline constexpr std::size_t kUnknownLengthBytes = std::size_t{1} << 20;

// Refused are, with the status that says why: a header over its bound (431), a
// body over its bound (413, before any of it where Content-Length tells), a body
// without a length or of unknown length over its own bound (411), and with 400 what two parties could frame
// differently: Content-Length twice or together with Transfer-Encoding, another encoding than chunked, a
// chunk size that is no number or out of bounds, not exactly one Host.
class RequestReader {
 public:
  enum class Stage { Header, Body, Whole, Refused };

  RequestReader(std::size_t headerBytes, std::size_t bodyBytes);
  RequestReader(RequestReader&&) noexcept;
  ~RequestReader();

  // Takes what it can and says how many bytes that was; the caller keeps the
  // rest and gives it again with what follows. Returns at the end of the header,
  // so that a body need not be taken. Takes nothing once Whole or Refused.
  std::size_t feed(std::string_view bytes);

  Stage stage() const { return stage_; }
  const Refusal& refusal() const { return refusal_; }

  // From the end of the header on. Views are into this object.
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
