#include "core/json/node.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/json/pointer.hpp"

namespace errand {
namespace {

namespace dom = simdjson::dom;

// Counts every value below a value. Returns false if there are too many. The parser limits the depth.
bool takeAll(const JsonDocument& document, dom::element value) {
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

// Visits every string below a value. The parser limits the depth.
class Strings {
 public:
  Strings(const JsonDocument& document, std::string at, const JsonNode::Found& found)
      : document_(document), at_(std::move(at)), found_(found) {}

  // Both return false if there are too many strings.
  bool fields(dom::object fields, std::initializer_list<std::string_view> but) {
    std::string_view own, text;  // {name: Authorization, value: …} is a pair
    const bool isPair = fields.at_key("name").get(own) == simdjson::SUCCESS &&
                        fields.at_key("value").get(text) == simdjson::SUCCESS;
    const size_t length = at_.size();
    for (const dom::key_value_pair field : fields) {
      if (std::ranges::find(but, field.key) != but.end()) continue;
      if (length + field.key.size() < JsonNode::kLongestPath) appendKey(at_, field.key);
      if (!value(field.value, isPair && field.key == "value" ? own : field.key)) return false;
      at_.resize(length);
    }
    return true;
  }

  bool value(dom::element value, std::string_view name) {
    if (std::string_view text; value.get(text) == simdjson::SUCCESS) {
      if (!document_.take()) return false;
      found_(at_, name, text);
    } else if (dom::object all; value.get(all) == simdjson::SUCCESS) {
      return fields(all, {});
    } else if (dom::array items; value.get(items) == simdjson::SUCCESS) {
      const size_t length = at_.size();
      size_t index = 0;
      for (const dom::element item : items) {
        if (length < JsonNode::kLongestPath) (at_ += '/') += std::to_string(index);
        ++index;
        if (!this->value(item, {})) return false;
        at_.resize(length);
      }
    }
    return true;
  }

 private:
  const JsonDocument& document_;
  std::string at_;
  const JsonNode::Found& found_;
};

}  // namespace

JsonNode JsonNode::rooted(Failure& failure) const {
  JsonNode out(*this);
  out.parent_ = nullptr;
  out.name_ = {};
  out.index_ = kNoIndex;
  out.failure_ = &failure;
  return out;
}

std::optional<dom::element> JsonNode::find(std::string_view key) const {
  dom::element value;
  if (value_.at_key(key).get(value) != simdjson::SUCCESS || value.is_null()) return std::nullopt;
  return value;
}

std::optional<JsonNode> JsonNode::child(std::string_view key) const {
  const auto value = find(key);
  return value ? std::optional(JsonNode(*value, this, key, kNoIndex)) : std::nullopt;
}

std::optional<dom::array> JsonNode::array() const {
  dom::array items;
  if (value_.get(items) == simdjson::SUCCESS) return items;
  fail("is not a list");
  return std::nullopt;
}

bool JsonNode::mustBeObject() const {
  if (!isObject()) fail("is not an object");
  return isObject();
}

void JsonNode::get(std::string_view& out) const {
  if (value_.get(out) != simdjson::SUCCESS) fail("is not a string");
}

void JsonNode::get(std::string& out) const {
  if (std::string_view text; value_.get(text) == simdjson::SUCCESS)
    out = text;
  else
    fail("is not a string");
}

void JsonNode::get(bool& out) const {
  if (value_.get(out) != simdjson::SUCCESS) fail("is not true or false");
}

void JsonNode::get(std::int64_t& out) const {
  if (value_.get(out) != simdjson::SUCCESS) fail("is not a whole number of 64 bits");
}

void JsonNode::get(std::int32_t& out) const {
  std::int64_t wide = 0;
  if (value_.get(wide) != simdjson::SUCCESS) return fail("is not a whole number of 32 bits");
  if (wide < std::numeric_limits<std::int32_t>::min() || wide > std::numeric_limits<std::int32_t>::max())
    return fail("is not a number of 32 bits");
  out = static_cast<std::int32_t>(wide);
}

void JsonNode::get(std::vector<std::string>& out) const {
  const auto items = array();
  if (!items) return;
  out.reserve(items->size());
  for (const dom::element item : *items) {
    std::string_view text;
    if (item.get(text) != simdjson::SUCCESS) return fail("is not a list of strings");
    if (!take()) return;
    out.emplace_back(text);
  }
}

void JsonNode::get(StringMap& out) const {
  dom::object fields;
  if (value_.get(fields) != simdjson::SUCCESS) return fail("is not a map");
  for (const dom::key_value_pair field : fields) {
    std::string_view text;
    if (!field.value.is_null() && field.value.get(text) != simdjson::SUCCESS)
      return fail("is not a map of strings");
    if (!take()) return;
    out.emplace(field.key, text);
  }
}

size_t JsonNode::count(std::string_view key) const {
  const auto value = child(key);
  return value ? value->size() : 0;
}

size_t JsonNode::size() const {
  dom::array items;
  return value_.get(items) == simdjson::SUCCESS ? items.size() : 0;
}

void JsonNode::strings(std::string at, std::initializer_list<std::string_view> but,
                       const Found& found) const {
  dom::object fields;
  if (value_.get(fields) == simdjson::SUCCESS &&
      !Strings(**document_, std::move(at), found).fields(fields, but))
    tooMany();
}

void JsonNode::exactCase(std::initializer_list<std::string_view> keys) const {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  fields([&](std::string_view key, const JsonNode& value) {
    for (const std::string_view known : keys)
      if (key != known && std::ranges::equal(key, known, {}, lower, lower))
        value.fail(fmt::format("is no field: keys are told apart by case, write \"{}\"", known));
  });
}

std::string JsonNode::counted() const {
  if (takeAll(**document_, value_)) return minified();
  tooMany();
  return {};
}

std::string JsonNode::path() const {
  std::string out = parent_ == nullptr ? std::string() : parent_->path();
  if (!out.empty() && !name_.empty()) out += '.';
  out += name_;
  if (index_ != kNoIndex) out += '[' + std::to_string(index_) + ']';
  return out;
}

void JsonNode::fail(std::string_view what) const {
  if (!failure_->message.empty()) return;
  failure_->message = path();
  if (failure_->message.empty()) failure_->message = "object";
  failure_->message.append(" ").append(what);
}

bool JsonNode::take() const {
  if ((*document_)->take()) return true;
  tooMany();
  return false;
}

void JsonNode::tooMany() const {
  const JsonOptions& options = (*document_)->options();
  fail(fmt::format("is too much: one {} has {} entries of lists and maps at most; write smaller objects",
                   options.what, options.entries));
}

}  // namespace errand
