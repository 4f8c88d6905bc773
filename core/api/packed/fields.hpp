// The fields of a plain struct as a tuple of references, in the order of their declaration.
#pragma once

#include <cstddef>
#include <tuple>
#include <utility>

namespace errand::api {
namespace detail {

struct Anything {
  template <class T>
  operator T() const noexcept;
};

template <class T, size_t... I>
constexpr bool takes(std::index_sequence<I...>) {
  return requires { T{((void)I, Anything{})...}; };
}

template <class T, size_t N = 24>
constexpr size_t fieldCount() {
  if constexpr (N == 0 || takes<T>(std::make_index_sequence<N>{}))
    return N;
  else
    return fieldCount<T, N - 1>();
}

}  // namespace detail

// T is an aggregate of 1 to 23 fields without bases. A count that were wrong
// would not compile, so that no field is left out.
template <class T>
auto fieldsOf(T& x) {
  constexpr size_t n = detail::fieldCount<std::remove_const_t<T>>();
  static_assert(n > 0 && n < 24, "add a line below for a struct of so many fields");
#define ERRAND_FIELDS(count, ...) \
  if constexpr (n == count) {     \
    auto& [__VA_ARGS__] = x;      \
    return std::tie(__VA_ARGS__); \
  }
  ERRAND_FIELDS(1, a)
  ERRAND_FIELDS(2, a, b)
  ERRAND_FIELDS(3, a, b, c)
  ERRAND_FIELDS(4, a, b, c, d)
  ERRAND_FIELDS(5, a, b, c, d, e)
  ERRAND_FIELDS(6, a, b, c, d, e, f)
  ERRAND_FIELDS(7, a, b, c, d, e, f, g)
  ERRAND_FIELDS(8, a, b, c, d, e, f, g, h)
  ERRAND_FIELDS(9, a, b, c, d, e, f, g, h, i)
  ERRAND_FIELDS(10, a, b, c, d, e, f, g, h, i, j)
  ERRAND_FIELDS(11, a, b, c, d, e, f, g, h, i, j, k)
  ERRAND_FIELDS(12, a, b, c, d, e, f, g, h, i, j, k, l)
  ERRAND_FIELDS(13, a, b, c, d, e, f, g, h, i, j, k, l, m)
  ERRAND_FIELDS(14, a, b, c, d, e, f, g, h, i, j, k, l, m, o)
  ERRAND_FIELDS(15, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p)
  ERRAND_FIELDS(16, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q)
  ERRAND_FIELDS(17, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r)
  ERRAND_FIELDS(18, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s)
  ERRAND_FIELDS(19, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s, t)
  ERRAND_FIELDS(20, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s, t, u)
  ERRAND_FIELDS(21, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v)
  ERRAND_FIELDS(22, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w)
  ERRAND_FIELDS(23, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, y)
#undef ERRAND_FIELDS
}

}  // namespace errand::api
