// Typed handles to the indexes of a Store. A lookup in a store of another object type, or with a key of
// another form, does not compile. Several stores of one type may use the same handle; each needs the index
// added to it.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace errand::kube {

// A key of the given form, such as namespace/name of a Secret. `Form` is a tag: two forms never mix.
template <class Form>
struct IndexKey {
  explicit IndexKey(std::string t) : text(std::move(t)) {}
  bool operator==(const IndexKey&) const = default;

  std::string text;
};

// An index of Store<T> by keys of type Key. The name is unique among the indexes of one store.
template <class T, class Key>
struct IndexHandle {
  std::string_view name;
};

}  // namespace errand::kube
