#include "rules/view/read/json.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "rules/view/describe.hpp"
#include "rules/view/pointer.hpp"

namespace errand::rules {
namespace {

namespace dom = simdjson::dom;

// Capacities of a parser, in bytes of text, that fit a review of ordinary size. A parser's own memory is some
// fifteen times its capacity.
constexpr size_t kKeptBytes = size_t{64} * 1024;
constexpr size_t kLeastBytes = size_t{16} * 1024;

std::unique_ptr<dom::parser>& spareParser() {
  thread_local std::unique_ptr<dom::parser> spare;
  return spare;
}

std::optional<std::string> duplicateAmong(dom::object fields) {
  constexpr size_t kFew = 8;
  if (fields.size() <= kFew) {
    for (auto field = fields.begin(); field != fields.end(); ++field)
      for (auto earlier = fields.begin(); earlier != field; ++earlier)
        if (earlier.key() == field.key()) return std::string(field.key());
    return std::nullopt;
  }
  std::vector<std::string_view> keys;
  keys.reserve(fields.size());
  for (const dom::key_value_pair field : fields) keys.push_back(field.key);
  std::ranges::sort(keys);
  const auto twice = std::ranges::adjacent_find(keys);
  if (twice == keys.end()) return std::nullopt;
  return std::string(*twice);
}

// The depth is bounded by the parser, and with it the recursion.
std::optional<std::string> duplicateKey(dom::element value) {
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

// True if kMostEntries leaves room for every value below. The depth is bounded as above.
bool takeAll(const Document& document, dom::element value) {
  if (!document.take()) return false;
  if (dom::array items; value.get(items) == simdjson::SUCCESS) {
    for (const dom::element item : items)
      if (!takeAll(document, item)) return false;
  } else if (dom::object fields; value.get(fields) == simdjson::SUCCESS) {
    for (const dom::key_value_pair field : fields)
      if (!takeAll(document, field.value)) return false;
  }
  return true;
}

// Collects every string below a value. The depth is bounded as above.
class Texts {
 public:
  Texts(const Document& document, std::string at, std::vector<Text>& out)
      : document_(document), at_(std::move(at)), out_(out) {}

  // Both return false if there are too many strings.
  bool fields(dom::object fields, std::initializer_list<std::string_view> but) {
    std::string_view own, text;  // {name: Authorization, value: …} is a pair
    const bool isPair = fields.at_key("name").get(own) == simdjson::SUCCESS &&
                        fields.at_key("value").get(text) == simdjson::SUCCESS;
    const size_t length = at_.size();
    for (const dom::key_value_pair field : fields) {
      if (std::ranges::find(but, field.key) != but.end()) continue;
      if (length + field.key.size() < kLongestPath) appendKey(at_, field.key);
      if (!value(field.value, isPair && field.key == "value" ? own : field.key)) return false;
      at_.resize(length);
    }
    return true;
  }

  bool value(dom::element value, std::string_view name) {
    if (std::string_view text; value.get(text) == simdjson::SUCCESS) {
      if (!document_.take()) return false;
      out_.push_back({at_, name, text});
    } else if (dom::object all; value.get(all) == simdjson::SUCCESS) {
      return fields(all, {});
    } else if (dom::array items; value.get(items) == simdjson::SUCCESS) {
      const size_t length = at_.size();
      size_t index = 0;
      for (const dom::element item : items) {
        if (length < kLongestPath) (at_ += '/') += std::to_string(index);
        ++index;
        if (!this->value(item, {})) return false;
        at_.resize(length);
      }
    }
    return true;
  }

 private:
  const Document& document_;
  std::string at_;
  std::vector<Text>& out_;
};

}  // namespace

Document::Document() : parser_(std::move(spareParser())) {
  if (!parser_) parser_ = std::make_unique<dom::parser>();
}

Document::~Document() {
  if (parser_->capacity() <= kKeptBytes) spareParser() = std::move(parser_);
}

Result<std::shared_ptr<const Document>> Document::parse(std::string_view text) {
  std::shared_ptr<Document> out(new Document);
  dom::parser& parser = *out->parser_;
  simdjson::error_code error = simdjson::SUCCESS;
  if (parser.capacity() < text.size() || parser.capacity() < kLeastBytes)
    error =
        parser.allocate(std::max(text.size(), kLeastBytes), kMaxDepth + 1);  // simdjson counts the text, too
  if (error == simdjson::SUCCESS) error = parser.parse(text.data(), text.size()).get(out->root_);
  if (error == simdjson::DEPTH_ERROR)
    return fail(ErrorKind::Invalid, "JSON nested deeper than " + std::to_string(kMaxDepth));
  if (error == simdjson::UTF8_ERROR) return fail(ErrorKind::Invalid, "JSON that is not valid UTF-8");
  if (error != simdjson::SUCCESS)
    return fail(ErrorKind::Invalid, std::string("not valid JSON: ") + simdjson::error_message(error));
  if (const auto key = duplicateKey(out->root_))
    return fail(ErrorKind::Invalid, "JSON object with the key " + inQuotes(*key) + " twice");
  return out;
}

std::optional<dom::element> Node::find(std::string_view key) const {
  dom::element value;
  if (value_.at_key(key).get(value) != simdjson::SUCCESS || value.is_null()) return std::nullopt;
  return value;
}

std::optional<dom::array> Node::array(std::string_view key) const {
  const auto value = find(key);
  dom::array items;
  if (!value) return std::nullopt;
  if (value->get(items) == simdjson::SUCCESS) return items;
  wrongType(key, "a list");
  return std::nullopt;
}

void Node::texts(std::string at, std::initializer_list<std::string_view> but, std::vector<Text>& out) const {
  dom::object fields;
  if (value_.get(fields) == simdjson::SUCCESS && !Texts(**document_, std::move(at), out).fields(fields, but))
    tooMany();
}

void Node::exactCase(std::initializer_list<std::string_view> keys) const {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  fields([&](std::string_view key, const Node& value) {
    for (const std::string_view known : keys)
      if (key != known && std::ranges::equal(key, known, {}, lower, lower))
        value.fail(fmt::format("is no field: keys are told apart by case, write \"{}\"", known));
  });
}

std::string Node::path() const {
  std::string out = parent_ == nullptr ? std::string() : parent_->path();
  if (!out.empty() && !name_.empty()) out += '.';
  out += name_;
  if (index_ != kNoIndex) out += '[' + std::to_string(index_) + ']';
  return out;
}

void Node::fail(std::string_view what) const {
  if (failure_->message.empty()) failure_->message = path() + " " + std::string(what);
}

std::string Node::counted() const {
  if (takeAll(**document_, value_)) return minified();
  tooMany();
  return {};
}

void Node::tooMany() const {
  fail(fmt::format("is too much: one review has {} entries of lists and maps at most; write smaller objects",
                   kMostEntries));
}

bool Node::take() const {
  if ((*document_)->take()) return true;
  tooMany();
  return false;
}

void Node::wrongType(std::string_view key, std::string_view expected) const {
  Node(value_, this, key, kNoIndex).fail("is not " + std::string(expected));
}

void Node::readText(std::string_view& out) const {
  if (value_.get(out) != simdjson::SUCCESS) fail("is not a string");
}

size_t Node::count(std::string_view key) const {
  const auto value = find(key);
  dom::array items;
  return value && value->get(items) == simdjson::SUCCESS ? items.size() : 0;
}

void Node::read(std::string_view key, std::string_view& out) const {
  const auto value = find(key);
  if (value && value->get(out) != simdjson::SUCCESS) wrongType(key, "a string");
}

void Node::read(std::string_view key, std::string& out) const {
  std::string_view text = out;
  read(key, text);
  if (text.data() != out.data()) out = text;
}

void Node::read(std::string_view key, std::optional<std::string>& out) const {
  if (has(key)) read(key, out.emplace());
}

void Node::read(std::string_view key, bool& out) const {
  const auto value = find(key);
  if (value && value->get(out) != simdjson::SUCCESS) wrongType(key, "true or false");
}

void Node::read(std::string_view key, std::optional<bool>& out) const {
  if (has(key)) read(key, out.emplace());
}

void Node::read(std::string_view key, std::optional<std::int64_t>& out) const {
  const auto value = find(key);
  if (value && value->get(out.emplace()) != simdjson::SUCCESS) wrongType(key, "a whole number of 64 bits");
}

void Node::read(std::string_view key, std::vector<std::string>& out) const {
  const auto items = array(key);
  if (!items) return;
  for (const dom::element item : *items) {
    std::string_view text;
    if (item.get(text) != simdjson::SUCCESS) return wrongType(key, "a list of strings");
    if (!take()) return;
    out.emplace_back(text);
  }
}

void Node::read(std::string_view key, api::StringMap& out) const {
  object(key, [&](const Node& map) {
    simdjson::dom::object fields;
    if (map.value_.get(fields) != simdjson::SUCCESS) return;
    for (const dom::key_value_pair field : fields) {
      std::string_view text;
      // A map's null value is an empty string to Go's decoder.
      if (!field.value.is_null() && field.value.get(text) != simdjson::SUCCESS)
        return wrongType(key, "a map of strings");
      if (!take()) return;
      out.emplace(field.key, text);
    }
  });
}

}  // namespace errand::rules
