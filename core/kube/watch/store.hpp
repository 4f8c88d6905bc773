// A cache of one kind of object, as client-go's informer store.
#pragma once

#include <charconv>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/kube/key.hpp"

namespace errand::kube {

// A resourceVersion as a number: those of one kind are ordered (KEP-5504); 0
// where it is none.
inline std::uint64_t versionNumber(std::string_view resourceVersion) {
  std::uint64_t n = 0;
  const auto [end, ec] =
      std::from_chars(resourceVersion.data(), resourceVersion.data() + resourceVersion.size(), n);
  return ec == std::errc{} && end == resourceVersion.data() + resourceVersion.size() ? n : 0;
}

// Guarantees: a reader gets a snapshot that never changes; a writer never holds
// the readers' lock while it compares or calls out; an older resourceVersion
// never replaces a newer one of the same uid, but where a whole new list says so.
//
// A scope is what one reflector fills: a namespace, or all ("").
// T has a member `meta` of type api::ObjectMeta.
template <class T>
class Store {
 public:
  using Ptr = std::shared_ptr<const T>;
  using IndexFunction = std::function<std::vector<std::string>(const T&)>;
  // Called after each change, one at a time and in the order of the changes:
  // old is null for an addition, next for a removal. It may read this store and must not write to it.
  using Listener = std::function<void(const Ptr& old, const Ptr& next)>;

  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // Before the first reflector starts.
  void addIndex(std::string name, IndexFunction keysOf) {
    indexes_[std::move(name)].keysOf = std::move(keysOf);
  }
  void onChange(Listener listener) { listeners_.push_back(std::move(listener)); }

  // Null where there is none.
  Ptr get(std::string_view ns, std::string_view name) const;
  std::vector<Ptr> list(std::string_view ns) const;
  std::vector<Ptr> listAll() const;
  // The objects of which the index's function gave `value`; none for an unknown index.
  std::vector<Ptr> byIndex(std::string_view index, std::string_view value) const;
  size_t size() const;

  // Whether the scope, or the scope of everything, holds a complete list.
  bool synced(std::string_view scope = {}) const;

  // The answer to a write of our own, so that the next reader sees it. Ignored
  // where the watch has come further already.
  void upsert(Ptr object);
  // After a deletion of our own that left nothing behind.
  void remove(std::string_view ns, std::string_view name, std::string_view uid);

  // For reflectors.
  void replace(const std::string& scope, std::vector<Ptr> objects, std::string_view resourceVersion);
  void apply(const std::string& scope, Ptr object);
  void erase(const std::string& scope, const ObjectKey& key, std::string_view resourceVersion);
  void observe(const std::string& scope, std::string_view resourceVersion);
  // Forgets a scope that is not watched any more, and its objects.
  void drop(const std::string& scope);

 private:
  struct Entry {
    Ptr object;
    bool ours = false;  // written by upsert and not seen by the watch yet
  };
  struct Index {
    IndexFunction keysOf;
    std::map<std::string, std::set<ObjectKey>, std::less<>> keys;
  };
  struct Scope {
    bool synced = false;
    std::uint64_t version = 0;  // how far the watch has come
  };
  using Change = std::pair<Ptr, Ptr>;

  static ObjectKey keyOf(const T& object) { return {object.meta.ns, object.meta.name}; }
  void put(const ObjectKey& key, const Ptr& next, bool ours);
  void notify(const Ptr& old, const Ptr& next) const {
    for (const Listener& listener : listeners_) listener(old, next);
  }
  std::uint64_t watchedVersion(std::string_view ns) const;

  std::mutex writers_;               // one writer at a time, listeners included
  mutable std::shared_mutex mutex_;  // guards what follows, for a single change at most
  std::map<ObjectKey, Entry> objects_;
  std::map<std::string, Index, std::less<>> indexes_;
  std::map<std::string, Scope, std::less<>> scopes_;
  std::vector<Listener> listeners_;
};

}  // namespace errand::kube

#include "core/kube/watch/store.inl.hpp"
