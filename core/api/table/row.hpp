// Tables of the fields of a type. Its decoder, encoder and packed form derive from the table. Only core/api
// may use it.
#pragma once

#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace errand::api {

// Specialised for each type that is read from JSON, written or packed:
//   static constexpr auto rows = std::tuple(field("name", &T::name), …);
//   static constexpr std::string_view apiVersion, kind;    // of a kind that is written
//   static void derive(const JsonNode& object, T& out);    // fills the derived members, after the rows
// A member without a row is a compile error: see isWhole().
template <class T>
struct Fields;

// The names of an enumeration. A specialisation has: static constexpr std::pair<std::string_view, E> all[].
template <class E>
struct EnumNames;

namespace table {

// The default codec of a member's type, defined in value.hpp.
struct ByType;

// When a field is written: only if it has a value, or always.
enum class Written { IfSet, Always };

// The row of one field of a JSON object.
template <class T, class M, class Codec>
struct Field {
  std::string_view name;
  M T::* member;
  Written written;
};

// Rows of the fields of a nested object.
template <class... Rows>
struct Within {
  std::string_view name;
  std::tuple<Rows...> rows;
};

// A field that is written with a fixed value and never read.
struct Constant {
  std::string_view name, value;
};

// A member without a JSON field of its own; Fields<T>::derive fills it.
template <class T, class M>
struct Derived {
  M T::* member;
};

// Returns the members of the rows as a tuple of member pointers, in the order of the rows.
template <class T, class M, class Codec>
constexpr auto membersOf(const Field<T, M, Codec>& row) {
  return std::tuple(row.member);
}
template <class T, class M>
constexpr auto membersOf(const Derived<T, M>& row) {
  return std::tuple(row.member);
}
constexpr auto membersOf(const Constant&) { return std::tuple(); }
template <class... Rows>
constexpr auto membersOf(const Within<Rows...>& row);
template <class... Rows>
constexpr auto membersOf(const std::tuple<Rows...>& rows) {
  return std::apply([](const auto&... row) { return std::tuple_cat(membersOf(row)...); }, rows);
}
template <class... Rows>
constexpr auto membersOf(const Within<Rows...>& row) {
  return membersOf(row.rows);
}

// Converts to any type. memberCount() uses it in place of a member's value.
struct Anything {
  template <class T>
  operator T() const noexcept;
};

template <class T, size_t... I>
constexpr bool takes(std::index_sequence<I...>) {
  return requires { T{((void)I, Anything{})...}; };
}

// Returns the number of members of an aggregate without bases; N if it has more.
template <class T, size_t N = 32>
constexpr size_t memberCount() {
  if constexpr (N == 0 || takes<T>(std::make_index_sequence<N>{}))
    return N;
  else
    return memberCount<T, N - 1>();
}

template <class A, class B>
constexpr bool isSame(A a, B b) {
  if constexpr (std::is_same_v<A, B>)
    return a == b;
  else
    return false;
}

// True if no member occurs twice.
template <class Members>
constexpr bool areDifferent(const Members& members) {
  return std::apply(
      [](auto... one) {
        size_t same = 0;
        const auto count = [&](auto a) { ((same += isSame(a, one) ? 1 : 0), ...); };
        (count(one), ...);
        return same == sizeof...(one);
      },
      members);
}

// True if each member of T has exactly one row.
template <class T>
constexpr bool isWhole() {
  constexpr auto members = membersOf(Fields<T>::rows);
  constexpr size_t count = memberCount<T>();
  static_assert(count < 32, "raise the limit of memberCount()");
  return std::tuple_size_v<decltype(members)> == count && areDifferent(members);
}

}  // namespace table

// A field that is omitted if it is empty, false or not set. Numbers, times and enumerations
// are always written.
template <class Codec = table::ByType, class T, class M>
constexpr auto field(std::string_view name, M T::* member) {
  return table::Field<T, M, Codec>{name, member, table::Written::IfSet};
}
// A field that is always written.
template <class Codec = table::ByType, class T, class M>
constexpr auto required(std::string_view name, M T::* member) {
  return table::Field<T, M, Codec>{name, member, table::Written::Always};
}
// Rows whose fields are in the nested object `name`. The object is omitted if it is empty.
template <class... Rows>
constexpr auto within(std::string_view name, Rows... rows) {
  return table::Within<Rows...>{name, std::tuple(rows...)};
}
// A fixed text that is written and never read.
constexpr auto constant(std::string_view name, std::string_view value) {
  return table::Constant{name, value};
}
// A member that Fields<T>::derive fills.
template <class T, class M>
constexpr auto derived(M T::* member) {
  return table::Derived<T, M>{member};
}

// Calls f with each member of the object, in the order of the rows.
template <class T, class F>
void forEachMember(T& object, F&& f) {
  using Type = std::remove_const_t<T>;
  static_assert(table::isWhole<Type>(), "each member stands in one row of its table, Fields<T>");
  constexpr auto members = table::membersOf(Fields<Type>::rows);
  std::apply([&](auto... member) { (f(object.*member), ...); }, members);
}

}  // namespace errand::api
