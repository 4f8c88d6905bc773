// A cache of one kind of object, like client-go's informer store.
#pragma once

#include <charconv>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/api/packed/packed.hpp"
#include "core/kube/key.hpp"
#include "core/kube/watch/indexhandle.hpp"
#include "core/kube/watch/sortedblocks.hpp"

namespace errand::kube {

// Returns a resourceVersion as a number, which orders the versions of one kind (KEP-5504). Returns 0 if it is
// no number.
inline std::uint64_t versionNumber(std::string_view resourceVersion) {
  std::uint64_t n = 0;
  const auto [end, ec] =
      std::from_chars(resourceVersion.data(), resourceVersion.data() + resourceVersion.size(), n);
  return ec == std::errc{} && end == resourceVersion.data() + resourceVersion.size() ? n : 0;
}

// A key by which the store sorts and finds objects.
struct KeyView {
  std::string_view ns, name;
  auto operator<=>(const KeyView&) const = default;
};

// Packed objects by namespace, then name.
struct ByKey {
  static KeyView view(const api::Packed& object) { return {object.ns(), object.name()}; }
  static KeyView view(const KeyView& key) { return key; }
  bool operator()(const auto& a, const auto& b) const { return view(a) < view(b); }
};

// Guarantees:
// - Safe to use from several threads. A reader gets a snapshot that never changes.
// - A writer does not lock readers out while it compares objects or calls listeners.
// - An older resourceVersion never replaces a newer one of the same uid, except in a complete list.
//
// Objects are stored packed (core/api/packed): fifty thousand would otherwise take 200 MB. Each read
// unpacks its object, which takes about 2 us. To visit all objects, use each() or keys(); to count many,
// keep a counter.
//
// A scope is the part that one reflector fills: a namespace, or all of them (""). T must be a type that
// core/api/packed/packed.cpp lists, with a member `meta` of type api::ObjectMeta.
template <class T>
class Store {
 public:
  using Ptr = std::shared_ptr<const T>;
  // The store calls a listener after each change, in the thread of the writer, one at a time and in order.
  // `old` is null for an addition, `next` for a removal. A listener may read this store. It must not write to
  // it, which would deadlock.
  using Listener = std::function<void(const Ptr& old, const Ptr& next)>;

  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // Call these before the first reflector starts. `keysOf` returns the keys under which an object is found.
  template <class Key>
  void addIndex(const IndexHandle<T, Key>& index,
                std::type_identity_t<std::function<std::vector<Key>(const T&)>> keysOf) {
    indexes_[std::string(index.name)].textsOf = [keysOf = std::move(keysOf)](const T& object) {
      std::vector<std::string> out;
      for (Key& key : keysOf(object)) out.push_back(std::move(key.text));
      return out;
    };
  }
  void onChange(Listener listener) { listeners_.push_back(std::move(listener)); }

  // Returns null if there is no such object.
  Ptr get(std::string_view ns, std::string_view name) const;
  // Returns the objects of a namespace whose names begin with `namePrefix`.
  std::vector<Ptr> list(std::string_view ns, std::string_view namePrefix = {}) const;
  std::vector<Ptr> listAll() const;
  // Returns the objects that the index has under `key`, ordered by namespace and name. Returns none if the
  // index was not added to this store.
  template <class Key>
  std::vector<Ptr> byIndex(const IndexHandle<T, Key>& index, const std::type_identity_t<Key>& key) const {
    return found(index.name, key.text);
  }
  size_t size() const;

  // Returns the keys of a namespace, or of all namespaces (nullopt).
  std::vector<ObjectKey> keys(std::optional<std::string_view> ns) const;

  // Calls f for each object of a namespace until f returns false, and unpacks one object at a time. The store
  // may change during the call; f sees the objects as they were at its beginning.
  template <class F>
  void each(std::string_view ns, F f) const;

  // True if the scope, or the scope of all namespaces, holds a complete list.
  bool synced(std::string_view scope = {}) const;

  // Stores the answer to a write of this process, so that the next reader sees it. Has no effect if the store
  // has this version or a later one, or if the watch has passed it and the object is gone.
  void upsert(Ptr object);
  // Call it after a deletion by this process, once the API server has removed the object. Has no effect on an
  // object with another uid.
  void remove(std::string_view ns, std::string_view name, std::string_view uid);

  // A complete list for replace(). If two objects have the same key, the last one counts.
  class Snapshot {
   public:
    Snapshot() = default;
    Snapshot(std::initializer_list<Ptr> objects) {
      for (const Ptr& object : objects) add(*object);
    }
    void add(const T& object) { objects_.insert(api::pack(object)); }
    void erase(const ObjectKey& key) { objects_.erase(KeyView{key.ns, key.name}); }

   private:
    friend class Store;
    SortedBlocks<api::Packed, ByKey> objects_;
  };

  // For reflectors. replace() keeps a write of this process that is newer than the list. apply() ignores an
  // older version of the same object, and erase() a deletion older than the stored object.
  void replace(const std::string& scope, Snapshot objects, std::string_view resourceVersion);
  void apply(const std::string& scope, Ptr object);
  void erase(const std::string& scope, const ObjectKey& key, std::string_view resourceVersion);
  void observe(const std::string& scope, std::string_view resourceVersion);
  // Removes a scope and its objects, after its watch has ended.
  void drop(const std::string& scope);

 private:
  // The hash of an index key. Two keys may share a hash, so found() also compares the keys themselves.
  struct IndexEntry {
    std::uint64_t hash;
    api::Packed object;
  };
  struct ByHash {
    static auto rank(const IndexEntry& e) { return std::tuple(e.hash, e.object.bytes().data()); }
    static auto rank(std::uint64_t hash) { return std::tuple(hash, static_cast<const char*>(nullptr)); }
    bool operator()(const auto& a, const auto& b) const { return rank(a) < rank(b); }
  };
  struct Entries {
    std::function<std::vector<std::string>(const T&)> textsOf;
    SortedBlocks<IndexEntry, ByHash> entries;
  };
  struct Scope {
    bool synced = false;
    std::uint64_t version = 0;  // the version that the watch has reached
  };

  static ObjectKey keyOf(const T& object) { return {object.meta.ns, object.meta.name}; }
  static ObjectKey keyOf(const api::Packed& object) {
    return {std::string(object.ns()), std::string(object.name())};
  }
  static Ptr made(const api::Packed& object) {
    return object ? std::make_shared<const T>(api::unpack<T>(object)) : nullptr;
  }
  static std::uint64_t hashOf(std::string_view value) { return std::hash<std::string_view>{}(value); }

  api::Packed find(const ObjectKey& key) const;
  std::vector<Ptr> found(std::string_view index, std::string_view text) const;
  std::vector<api::Packed> packed(std::optional<std::string_view> ns, std::string_view namePrefix = {}) const;
  // `is` is the packed form of `next`; both are null for a removal. `ours`: written by upsert().
  void put(const ObjectKey& key, const Ptr& next, const api::Packed& is, bool ours);
  void notify(const Ptr& old, const Ptr& next) const {
    for (const Listener& listener : listeners_) listener(old, next);
  }
  std::uint64_t watchedVersion(std::string_view ns) const;

  std::mutex writers_;               // one writer at a time, listeners included
  mutable std::shared_mutex mutex_;  // guards the following members, for at most one change at a time
  SortedBlocks<api::Packed, ByKey> objects_;
  std::map<std::string, Entries, std::less<>> indexes_;
  std::map<std::string, Scope, std::less<>> scopes_;
  std::vector<Listener> listeners_;
  std::set<ObjectKey> ours_;  // written by upsert() and not yet seen by the watch; only writers use it
};

}  // namespace errand::kube

#include "core/kube/watch/store.inl.hpp"
