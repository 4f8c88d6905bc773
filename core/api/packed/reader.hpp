// Reads bytes that packed/writer.hpp wrote, in the same order and without checks: other bytes are undefined
// behaviour. Only packed.cpp may use it.
#pragma once

#include <concepts>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/api/meta.hpp"
#include "core/api/packed/format.hpp"
#include "core/api/table/row.hpp"

namespace errand::api::packed {

class Reader {
 public:
  explicit Reader(std::string_view bytes) : in_(bytes) {}

  // Reads a text that Writer::view() wrote. The view is part of the packed bytes.
  std::string_view view() {
    texts_.push_back(in_);
    return take(number() >> 2);
  }

  void value(std::string& out) {
    const std::string_view here = in_;
    const std::uint64_t lead = number();
    if (static_cast<Form>(lead & 3) != Form::Known) {
      texts_.push_back(here);
      text(lead, out);
    } else if (const std::uint64_t place = lead >> 2; place < std::size(kKnown)) {
      out = kKnown[place];
    } else {
      const std::string_view after = std::exchange(in_, texts_[place - std::size(kKnown)]);
      text(number(), out);
      in_ = after;
    }
  }
  void value(bool& out) { out = take(1).front() != 0; }
  template <std::signed_integral T>
  void value(T& out) {
    const std::uint64_t v = number();
    out = static_cast<T>(static_cast<std::int64_t>(v >> 1) ^ -static_cast<std::int64_t>(v & 1));
  }
  template <class E>
    requires std::is_enum_v<E>
  void value(E& out) {
    out = static_cast<E>(number());
  }
  void value(Seconds& out) { out = Seconds{integer()}; }
  void value(Time& out) {
    bool whole = false;
    value(whole);
    last_ += integer() * (whole ? 1000 : 1);
    out = Time{Millis{last_}};
  }
  template <class T>
  void value(std::optional<T>& out) {
    bool has = false;
    value(has);
    // With T{}, because clang's emplace() cannot default-construct a nested struct with initialized members.
    if (has) value(out.emplace(T{}));
  }
  template <class T>
  void value(std::vector<T>& out) {
    out.resize(number());
    for (T& item : out) value(item);
  }
  void value(StringMap& out) {
    for (std::uint64_t left = number(); left > 0; --left) {
      std::string key;
      value(key);
      value(out.emplace_hint(out.end(), std::move(key), std::string())->second);
    }
  }
  template <class T>
    requires std::is_aggregate_v<T>
  void value(T& out) {
    forEachMember(out, [&](auto& member) { value(member); });
  }

 private:
  std::string_view take(size_t n) {
    const std::string_view out = in_.substr(0, n);
    in_.remove_prefix(n);
    return out;
  }

  std::uint64_t number() {
    std::uint64_t out = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(1).front());
      out |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) return out;
    }
  }

  std::int64_t integer() {
    std::int64_t out = 0;
    value(out);
    return out;
  }

  void text(std::uint64_t lead, std::string& out) {
    switch (static_cast<Form>(lead & 3)) {
      case Form::Known:  // handled before
        break;
      case Form::Raw:
        out = take(lead >> 2);
        break;
      case Form::Decimal:
        out = std::to_string(lead >> 2);
        break;
      case Form::Hex:
        hex(kHexForms[lead >> 2], out);
        break;
    }
  }

  void hex(const HexForm& form, std::string& out) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    out.reserve(form.prefix.size() + form.digits + form.dashes.size());
    out = form.prefix;
    size_t digit = 0, dash = 0;
    for (const char c : take(form.digits / 2)) {
      if (dash < form.dashes.size() && form.dashes[dash] != 0 && form.dashes[dash] == digit) {
        out += '-';
        ++dash;
      }
      const auto byte = static_cast<unsigned char>(c);
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
      digit += 2;
    }
  }

  std::string_view in_;
  std::vector<std::string_view> texts_;  // the start of each text that a later text may refer to
  std::int64_t last_ = 0;                // the previous time of the object, in milliseconds
};

}  // namespace errand::api::packed
