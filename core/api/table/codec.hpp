// The decoder and encoder of a type, derived from its table. Only core/api may use it.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>
#include <tuple>
#include <utility>

#include "core/api/codec.hpp"
#include "core/api/table/value.hpp"
#include "core/json/value.hpp"

namespace errand::api {
namespace table {

template <class T, class M, class Codec>
bool readRow(const Field<T, M, Codec>& row, std::string_view key, const JsonNode& value, T& out) {
  if (key != row.name) return false;
  Codec::read(value, out.*row.member);
  return true;
}
template <class T, class M>
bool readRow(const Derived<T, M>&, std::string_view, const JsonNode&, T&) {
  return false;
}
template <class T>
bool readRow(const Constant&, std::string_view, const JsonNode&, T&) {
  return false;
}
template <class... Rows, class T>
bool readRow(const Within<Rows...>& row, std::string_view key, const JsonNode& value, T& out);

// Visits each field of the object once, instead of searching the object for each row. Ignores other fields.
template <class... Rows, class T>
void readRows(const std::tuple<Rows...>& rows, const JsonNode& object, T& out) {
  object.fields([&](std::string_view key, const JsonNode& value) {
    std::apply([&](const auto&... row) { (void)(readRow(row, key, value, out) || ...); }, rows);
  });
}

template <class... Rows, class T>
bool readRow(const Within<Rows...>& row, std::string_view key, const JsonNode& value, T& out) {
  if (key != row.name) return false;
  readRows(row.rows, value, out);
  return true;
}

inline void putUnlessEmpty(nlohmann::json& out, std::string_view name, nlohmann::json object) {
  if (!object.empty()) out[std::string(name)] = std::move(object);
}

template <class T, class M, class Codec>
void writeRow(const Field<T, M, Codec>& row, const T& in, nlohmann::json& out) {
  const M& member = in.*row.member;
  if (row.written == Written::IfSet && !Codec::isSet(member)) return;
  if (row.written == Written::IfSet && std::is_aggregate_v<M>)
    putUnlessEmpty(out, row.name, Codec::write(member));
  else
    out[std::string(row.name)] = Codec::write(member);
}
template <class T, class M>
void writeRow(const Derived<T, M>&, const T&, nlohmann::json&) {}
template <class T>
void writeRow(const Constant& row, const T&, nlohmann::json& out) {
  out[std::string(row.name)] = row.value;
}
template <class... Rows, class T>
void writeRow(const Within<Rows...>& row, const T& in, nlohmann::json& out);

template <class... Rows, class T>
nlohmann::json writeRows(const std::tuple<Rows...>& rows, const T& in) {
  nlohmann::json out = nlohmann::json::object();
  std::apply([&](const auto&... row) { (writeRow(row, in, out), ...); }, rows);
  return out;
}

template <class... Rows, class T>
void writeRow(const Within<Rows...>& row, const T& in, nlohmann::json& out) {
  putUnlessEmpty(out, row.name, writeRows(row.rows, in));
}

}  // namespace table

template <class T>
void readFields(const JsonNode& object, T& out) {
  static_assert(table::isWhole<T>(), "each member stands in one row of its table, Fields<T>");
  table::readRows(Fields<T>::rows, object, out);
}

template <class T>
nlohmann::json writeFields(const T& in) {
  nlohmann::json out = table::writeRows(Fields<T>::rows, in);
  if constexpr (requires { Fields<T>::kind; }) {
    out["apiVersion"] = Fields<T>::apiVersion;
    out["kind"] = Fields<T>::kind;
  }
  return out;
}

template <class T>
Result<T> decodeNode(const JsonNode& object) {
  T out;
  JsonNode::Failure failure;
  const JsonNode root = object.rooted(failure);
  readFields(root, out);
  if constexpr (requires { Fields<T>::derive(root, out); })
    if (failure.message.empty()) Fields<T>::derive(root, out);
  if (!failure.message.empty()) return fail(ErrorKind::Invalid, std::move(failure.message));
  return out;
}

template <class T>
Result<T> decodeText(std::string_view text) {
  const auto document = JsonDocument::parse(text);
  if (!document) return std::unexpected(document.error());
  JsonNode::Failure failure;
  return decodeNode<T>(JsonNode(*document, failure));
}

template <class T>
Result<T> decode(const nlohmann::json& value) {
  return decodeText<T>(printJson(value));
}

// Defines the decoders that core/api/codec.hpp declares. Use it in the .cpp file of the kind.
#define ERRAND_DECODES(T)                                \
  template Result<T> decodeNode(const JsonNode& object); \
  template Result<T> decodeText(std::string_view text);  \
  template Result<T> decode(const nlohmann::json& value);

}  // namespace errand::api
