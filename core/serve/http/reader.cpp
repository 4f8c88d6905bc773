#include "core/serve/http/reader.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>

namespace errand::serve {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

// Returns a fault that Beast accepts, and that could make a proxy read another length of the request (RFC
// 9112, sections 3.2 and 6.3). Returns null if there is none.
const char* framingFault(const http::request_header<>& header) {
  const beast::string_view encoding = header[http::field::transfer_encoding];
  if (header.count(http::field::content_length) > 1) return "more than one Content-Length";
  if (header.count(http::field::transfer_encoding) > 0 &&
      (header.version() != 11 || !beast::iequals(encoding, "chunked") ||
       header.count(http::field::transfer_encoding) > 1)) {
    return "a Transfer-Encoding other than chunked";
  }
  if (header.version() == 11 && header.count(http::field::host) != 1) return "not exactly one Host";
  return nullptr;
}

// Beast asserts that the complete last chunk has arrived as soon as it reads its size ("0", CRLF, CRLF).
constexpr std::size_t kLastChunk = 5;

bool carriesBody(http::verb method) {
  return method == http::verb::post || method == http::verb::put || method == http::verb::patch;
}

}  // namespace

struct RequestReader::Parser : http::request_parser<http::string_body> {};

RequestReader::RequestReader(std::size_t headerBytes, std::size_t bodyBytes)
    : headerBytes_(headerBytes), bodyBytes_(bodyBytes), parser_(std::make_unique<Parser>()) {
  parser_->header_limit(static_cast<std::uint32_t>(headerBytes));
  parser_->body_limit(bodyBytes);
}

RequestReader::RequestReader(RequestReader&&) noexcept = default;
RequestReader::~RequestReader() = default;

std::size_t RequestReader::feed(std::string_view bytes) {
  std::size_t used = 0;
  while (used < bytes.size() && (stage_ == Stage::Header || stage_ == Stage::Body)) {
    const std::string_view rest = bytes.substr(used);
    if (stage_ == Stage::Body && parser_->chunked() && rest.size() < kLastChunk && rest.front() == '0') break;
    beast::error_code error;
    const std::size_t taken = parser_->put(boost::asio::buffer(rest.data(), rest.size()), error);
    used += taken;
    if (stage_ == Stage::Header) headerTaken_ += taken;
    // Beast's count of a header's bytes depends on how they arrive. It limits neither the extensions of a
    // chunk nor the trailer of the last one.
    const std::size_t waiting = error == http::error::need_more ? rest.size() - taken : 0;
    if ((stage_ == Stage::Header ? headerTaken_ : 0) + waiting > headerBytes_)
      error = http::error::header_limit;
    else if (error == http::error::need_more)
      break;
    if (error == http::error::body_limit && parser_->chunked() && bodyBytes_ > kUnknownLengthBytes) {
      refuse(text(411, "a body of unknown length is larger than " + std::to_string(kUnknownLengthBytes) +
                           " bytes: send its length by Content-Length"),
             Excess::BodyBytes);
    } else if (error == http::error::body_limit) {
      refuse(text(413, "the body is larger than " + std::to_string(bodyBytes_) + " bytes"),
             Excess::BodyBytes);
    } else if (error == http::error::header_limit) {
      refuse(text(431, "the header is larger than " + std::to_string(headerBytes_) + " bytes"),
             Excess::HeaderBytes);
    } else if (error) {
      refuse(text(400, "malformed request: " + error.message()));
    } else if (stage_ == Stage::Header && parser_->is_header_done()) {
      checkHeader();
      break;
    } else if (parser_->is_done()) {
      stage_ = Stage::Whole;
    }
  }
  return used;
}

void RequestReader::checkHeader() {
  const auto& header = parser_->get();
  if (const char* fault = framingFault(header)) {
    refuse(text(400, std::string("malformed request: ") + fault));
  } else if (carriesBody(header.method()) && header.count(http::field::content_length) == 0 &&
             header.count(http::field::transfer_encoding) == 0) {
    refuse(text(411, "send the body's length by Content-Length"));
  } else {
    if (parser_->chunked()) parser_->body_limit(std::min(bodyBytes_, kUnknownLengthBytes));
    stage_ = parser_->is_done() ? Stage::Whole : Stage::Body;
    parser_->eager(true);
  }
}

void RequestReader::refuse(Response response, Excess excess) {
  stage_ = Stage::Refused;
  refusal_ = {std::move(response), excess};
}

Request RequestReader::request() const {
  const auto& message = parser_->get();
  Request request;
  request.method = view(message.method_string());
  const std::string_view target = view(message.target());
  const std::size_t mark = target.find('?');
  request.path = target.substr(0, mark);
  if (mark != std::string_view::npos) request.query = target.substr(mark + 1);
  request.contentType = view(message[http::field::content_type]);
  request.body = message.body();
  return request;
}

bool RequestReader::keepAlive() const {
  const auto& message = parser_->get();
  return message.version() == 11 && message.keep_alive();
}

bool RequestReader::expectsContinue() const {
  const auto& message = parser_->get();
  return message.version() == 11 && beast::iequals(message[http::field::expect], "100-continue");
}

std::size_t RequestReader::bodySize() const { return parser_->get().body().size(); }

void RequestReader::dropBody() { std::string().swap(parser_->get().body()); }

}  // namespace errand::serve
