// Writes packed bytes. Every text must outlive the writer, which compares later texts with it. Only
// packed.cpp may use it.
#pragma once

#include <algorithm>
#include <charconv>
#include <concepts>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/api/meta.hpp"
#include "core/api/packed/format.hpp"
#include "core/api/table/row.hpp"

namespace errand::api::packed {

class Writer {
 public:
  std::string_view bytes() const { return out_; }

  // Writes a text unchanged, so that a reader can return a view of it.
  void view(std::string_view text) {
    lead(Form::Raw, text.size());
    out_ += text;
    texts_.push_back(text);
  }

  void value(const std::string& text) {
    const auto known = std::ranges::find(kKnown, text);
    if (known != std::end(kKnown)) return lead(Form::Known, static_cast<std::uint64_t>(known - kKnown));
    const auto before = std::ranges::find(texts_, text);
    if (before != texts_.end())
      return lead(Form::Known, std::size(kKnown) + static_cast<std::uint64_t>(before - texts_.begin()));
    texts_.push_back(text);
    for (size_t i = 0; i < std::size(kHexForms); ++i)
      if (hex(i, text)) return;
    if (decimal(text)) return;
    lead(Form::Raw, text.size());
    out_ += text;
  }
  void value(bool v) { out_ += static_cast<char>(v); }
  template <std::signed_integral T>
  void value(T v) {
    const auto wide = static_cast<std::int64_t>(v);
    number((static_cast<std::uint64_t>(wide) << 1) ^ static_cast<std::uint64_t>(wide >> 63));
  }
  template <class E>
    requires std::is_enum_v<E>
  void value(E v) {
    number(static_cast<std::uint64_t>(v));
  }
  void value(Seconds v) { value(static_cast<std::int64_t>(v.count())); }
  // Writes the difference to the previous time. The times of an object are close, and most are whole seconds.
  void value(Time v) {
    const std::int64_t ms = v.time_since_epoch().count(), difference = ms - last_;
    last_ = ms;
    const bool whole = difference % 1000 == 0;
    value(whole);
    value(whole ? difference / 1000 : difference);
  }
  template <class T>
  void value(const std::optional<T>& v) {
    value(v.has_value());
    if (v) value(*v);
  }
  template <class T>
  void value(const std::vector<T>& v) {
    number(v.size());
    for (const T& item : v) value(item);
  }
  void value(const StringMap& v) {
    number(v.size());
    for (const auto& [key, item] : v) {
      value(key);
      value(item);
    }
  }
  template <class T>
    requires std::is_aggregate_v<T>
  void value(const T& v) {
    forEachMember(v, [&](const auto& member) { value(member); });
  }

 private:
  void number(std::uint64_t v) {
    for (; v >= 0x80; v >>= 7) out_ += static_cast<char>(v | 0x80);
    out_ += static_cast<char>(v);
  }
  void lead(Form form, std::uint64_t rest) { number(rest << 2 | static_cast<std::uint64_t>(form)); }

  bool hex(size_t index, std::string_view text) {
    const HexForm& form = kHexForms[index];
    const auto dashed = static_cast<size_t>(std::ranges::count_if(form.dashes, [](auto d) { return d > 0; }));
    if (text.size() != form.prefix.size() + form.digits + dashed || !text.starts_with(form.prefix))
      return false;
    text.remove_prefix(form.prefix.size());
    std::string half;
    for (size_t i = 0, digit = 0; i < text.size(); ++i) {
      const char c = text[i];
      if (c == '-') {
        if (digit == 0 || std::ranges::find(form.dashes, digit) == form.dashes.end() || text[i - 1] == '-')
          return false;
        continue;
      }
      const int nibble = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
      if (nibble < 0) return false;
      if (digit++ % 2 == 0)
        half += static_cast<char>(nibble << 4);
      else
        half.back() = static_cast<char>(half.back() | nibble);
    }
    if (half.size() * 2 != form.digits) return false;
    lead(Form::Hex, index);
    out_ += half;
    return true;
  }

  bool decimal(std::string_view text) {
    std::uint64_t v = 0;
    if (text.size() > 18 || (text.size() > 1 && text.front() == '0')) return false;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), v);
    if (error != std::errc{} || end != text.data() + text.size()) return false;
    lead(Form::Decimal, v);
    return true;
  }

  std::string out_;
  std::vector<std::string_view> texts_;  // texts that a later text may refer to
  std::int64_t last_ = 0;                // the previous time of the object, in milliseconds
};

}  // namespace errand::api::packed
