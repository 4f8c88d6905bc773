#include "core/json/document.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "core/base/excerpt.hpp"
#include "core/base/sensitive.hpp"

namespace errand {
namespace {

namespace dom = simdjson::dom;

// The largest capacity of a parser that a thread keeps, in bytes of text. An ordinary review or event fits.
// The memory of a parser is some fifteen times its capacity.
constexpr size_t kKeptBytes = size_t{64} * 1024;
constexpr size_t kLeastBytes = size_t{16} * 1024;

std::unique_ptr<dom::parser>& spareParser() {
  thread_local std::unique_ptr<dom::parser> spare;
  return spare;
}

// Returns a key that occurs twice in this object. Sorting pays off only for many keys.
std::optional<std::string_view> duplicateAmong(dom::object fields) {
  constexpr size_t kFew = 8;
  if (fields.size() <= kFew) {
    for (auto field = fields.begin(); field != fields.end(); ++field)
      for (auto earlier = fields.begin(); earlier != field; ++earlier)
        if (earlier.key() == field.key()) return field.key();
    return std::nullopt;
  }
  std::vector<std::string_view> keys;
  keys.reserve(fields.size());
  for (const dom::key_value_pair field : fields) keys.push_back(field.key);
  std::ranges::sort(keys);
  const auto twice = std::ranges::adjacent_find(keys);
  if (twice == keys.end()) return std::nullopt;
  return *twice;
}

// Returns a key that occurs twice in one object of the value. Recurses; the parser limits the depth.
std::optional<std::string_view> duplicateKey(dom::element value) {
  if (dom::array items; value.get(items) == simdjson::SUCCESS) {
    for (const dom::element item : items)
      if (auto found = duplicateKey(item)) return found;
  } else if (dom::object fields; value.get(fields) == simdjson::SUCCESS) {
    for (const dom::key_value_pair field : fields)
      if (field.value.is_object() || field.value.is_array())
        if (auto found = duplicateKey(field.value)) return found;
    return duplicateAmong(fields);
  }
  return std::nullopt;
}

std::unexpected<Error> invalid(simdjson::error_code error) {
  if (error == simdjson::DEPTH_ERROR)
    return fail(ErrorKind::Invalid, "JSON nested deeper than " + std::to_string(kDeepestJson));
  if (error == simdjson::UTF8_ERROR) return fail(ErrorKind::Invalid, "JSON that is not valid UTF-8");
  return fail(ErrorKind::Invalid, std::string("not valid JSON: ") + simdjson::error_message(error));
}

// Parses a copy that is wiped afterwards. simdjson would pad the text in an internal copy, and not wipe it.
simdjson::error_code parseWiped(dom::parser& parser, std::string_view text, dom::element& root) {
  std::string padded;
  padded.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  padded.append(text).append(simdjson::SIMDJSON_PADDING, ' ');
  const auto error = parser.parse(padded.data(), text.size(), /*realloc_if_needed=*/false).get(root);
  Sensitive::wipe(padded);
  return error;
}

// Wipes the unescaped strings of a document, in the buffer that document::allocate() has sized.
void wipeStrings(dom::document& document) {
  if (document.string_buf)
    OPENSSL_cleanse(document.string_buf.get(), 5 * document.capacity() / 3 + simdjson::SIMDJSON_PADDING);
}

}  // namespace

std::string quotedKey(std::string_view key) { return '"' + excerpt(key) + '"'; }

JsonDocument::JsonDocument(JsonOptions options)
    : options_(options), parser_(std::move(spareParser())), left_(options.entries) {
  if (!parser_) parser_ = std::make_unique<dom::parser>();
}

JsonDocument::~JsonDocument() {
  if (options_.wipes) wipeStrings(parser_->doc);
  if (parser_->capacity() <= kKeptBytes) spareParser() = std::move(parser_);
}

Result<std::shared_ptr<const JsonDocument>> JsonDocument::parse(std::string_view text, JsonOptions options) {
  std::shared_ptr<JsonDocument> out(new JsonDocument(options));
  dom::parser& parser = *out->parser_;
  simdjson::error_code error = simdjson::SUCCESS;
  // One level more than kDeepestJson, because simdjson counts the document itself.
  if (parser.capacity() < text.size() || parser.capacity() < kLeastBytes)
    error = parser.allocate(std::max(text.size(), kLeastBytes), kDeepestJson + 1);
  if (error == simdjson::SUCCESS)
    error = options.wipes ? parseWiped(parser, text, out->root_)
                          : parser.parse(text.data(), text.size()).get(out->root_);
  if (error != simdjson::SUCCESS) return invalid(error);
  if (const auto key = duplicateKey(out->root_))
    return fail(ErrorKind::Invalid, "JSON object with the key " + options.quote(*key) + " twice");
  return out;
}

}  // namespace errand
