// The bodies of Store<T>.
#pragma once

#include <algorithm>
#include <iterator>

#include "core/kube/watch/store.hpp"

namespace errand::kube {

template <class T>
auto Store<T>::get(std::string_view ns, std::string_view name) const -> Ptr {
  const ObjectKey key{std::string(ns), std::string(name)};
  const std::shared_lock lock(mutex_);
  const auto it = objects_.find(key);
  return it == objects_.end() ? nullptr : it->second.object;
}

template <class T>
auto Store<T>::list(std::string_view ns) const -> std::vector<Ptr> {
  std::vector<Ptr> out;
  const ObjectKey first{std::string(ns), {}};
  const std::shared_lock lock(mutex_);
  for (auto it = objects_.lower_bound(first); it != objects_.end() && it->first.ns == ns; ++it)
    out.push_back(it->second.object);
  return out;
}

template <class T>
auto Store<T>::listAll() const -> std::vector<Ptr> {
  std::vector<Ptr> out;
  const std::shared_lock lock(mutex_);
  out.reserve(objects_.size());
  for (const auto& [key, entry] : objects_) out.push_back(entry.object);
  return out;
}

template <class T>
auto Store<T>::byIndex(std::string_view index, std::string_view value) const -> std::vector<Ptr> {
  std::vector<Ptr> out;
  const std::shared_lock lock(mutex_);
  const auto i = indexes_.find(index);
  if (i == indexes_.end()) return out;
  const auto keys = i->second.keys.find(value);
  if (keys == i->second.keys.end()) return out;
  for (const ObjectKey& key : keys->second) out.push_back(objects_.at(key).object);
  return out;
}

template <class T>
size_t Store<T>::size() const {
  const std::shared_lock lock(mutex_);
  return objects_.size();
}

template <class T>
bool Store<T>::synced(std::string_view scope) const {
  const std::shared_lock lock(mutex_);
  for (const std::string_view s : {scope, std::string_view{}}) {
    const auto it = scopes_.find(s);
    if (it != scopes_.end() && it->second.synced) return true;
  }
  return false;
}

template <class T>
std::uint64_t Store<T>::watchedVersion(std::string_view ns) const {
  std::uint64_t version = 0;
  for (const std::string_view s : {ns, std::string_view{}})
    if (const auto it = scopes_.find(s); it != scopes_.end()) version = std::max(version, it->second.version);
  return version;
}

// The caller holds writers_ alone, so reading objects_ needs no lock here:
// nobody else changes it.
template <class T>
void Store<T>::put(const ObjectKey& key, const Ptr& next, bool ours) {
  const auto found = objects_.find(key);
  Ptr old = found == objects_.end() ? nullptr : found->second.object;
  std::vector<std::pair<Index*, std::vector<std::string>>> drop, add;
  for (auto& [name, index] : indexes_) {
    if (old) drop.emplace_back(&index, index.keysOf(*old));
    if (next) add.emplace_back(&index, index.keysOf(*next));
  }
  {
    const std::unique_lock lock(mutex_);
    for (const auto& [index, values] : drop)
      for (const std::string& value : values) {
        const auto it = index->keys.find(value);
        if (it != index->keys.end() && it->second.erase(key) > 0 && it->second.empty()) index->keys.erase(it);
      }
    for (const auto& [index, values] : add)
      for (const std::string& value : values) index->keys[value].insert(key);
    if (next)
      objects_[key] = Entry{next, ours};
    else
      objects_.erase(key);
  }
  if (old || next) notify(old, next);
}

template <class T>
void Store<T>::upsert(Ptr object) {
  const std::lock_guard writer(writers_);
  const ObjectKey key = keyOf(*object);
  const std::uint64_t version = versionNumber(object->meta.resourceVersion);
  const auto it = objects_.find(key);
  if (it != objects_.end()) {
    const Ptr& current = it->second.object;
    const bool same = current->meta.uid == object->meta.uid;
    if (version <= versionNumber(current->meta.resourceVersion)) return;
    if (!same && version <= watchedVersion(key.ns)) return;
  } else if (version <= watchedVersion(key.ns)) {
    return;  // the watch has seen this write, and the object's end after it
  }
  put(key, object, true);
}

template <class T>
void Store<T>::remove(std::string_view ns, std::string_view name, std::string_view uid) {
  const std::lock_guard writer(writers_);
  const ObjectKey key{std::string(ns), std::string(name)};
  const auto it = objects_.find(key);
  if (it != objects_.end() && it->second.object->meta.uid == uid) put(key, nullptr, false);
}

template <class T>
void Store<T>::replace(const std::string& scope, std::vector<Ptr> objects, std::string_view resourceVersion) {
  const std::lock_guard writer(writers_);
  const std::uint64_t listed = versionNumber(resourceVersion);
  std::map<ObjectKey, Ptr> wanted;
  for (Ptr& object : objects) {
    ObjectKey key = keyOf(*object);
    wanted.insert_or_assign(std::move(key), std::move(object));
  }
  const auto first = scope.empty() ? objects_.begin() : objects_.lower_bound(ObjectKey{scope, {}});
  std::vector<ObjectKey> gone;
  for (auto it = first; it != objects_.end() && (scope.empty() || it->first.ns == scope); ++it) {
    const Entry& entry = it->second;
    // A write of ours after the list was taken is not in it.
    if (entry.ours && versionNumber(entry.object->meta.resourceVersion) > listed) {
      wanted.erase(it->first);
    } else if (const auto next = wanted.find(it->first); next == wanted.end()) {
      gone.push_back(it->first);
    } else if (next->second->meta.uid == entry.object->meta.uid &&
               next->second->meta.resourceVersion == entry.object->meta.resourceVersion && !entry.ours) {
      wanted.erase(next);
    }
  }
  for (const ObjectKey& key : gone) put(key, nullptr, false);
  for (auto& [key, object] : wanted) put(key, object, false);
  const std::unique_lock lock(mutex_);
  scopes_[scope] = Scope{true, listed};
}

template <class T>
void Store<T>::apply(const std::string& scope, Ptr object) {
  const std::lock_guard writer(writers_);
  const ObjectKey key = keyOf(*object);
  const std::string version = object->meta.resourceVersion;
  const auto it = objects_.find(key);
  const bool stale = it != objects_.end() && it->second.object->meta.uid == object->meta.uid &&
                     versionNumber(it->second.object->meta.resourceVersion) > versionNumber(version);
  if (!stale) put(key, object, false);
  const std::unique_lock lock(mutex_);
  scopes_[scope].version = std::max(scopes_[scope].version, versionNumber(version));
}

template <class T>
void Store<T>::erase(const std::string& scope, const ObjectKey& key, std::string_view resourceVersion) {
  const std::lock_guard writer(writers_);
  const std::uint64_t version = versionNumber(resourceVersion);
  const auto it = objects_.find(key);
  // The next object of that name, written by us, may be here before the end of the last one.
  if (it != objects_.end() && versionNumber(it->second.object->meta.resourceVersion) <= version)
    put(key, nullptr, false);
  const std::unique_lock lock(mutex_);
  scopes_[scope].version = std::max(scopes_[scope].version, version);
}

template <class T>
void Store<T>::observe(const std::string& scope, std::string_view resourceVersion) {
  const std::lock_guard writer(writers_);
  const std::unique_lock lock(mutex_);
  scopes_[scope].version = std::max(scopes_[scope].version, versionNumber(resourceVersion));
}

template <class T>
void Store<T>::drop(const std::string& scope) {
  const std::lock_guard writer(writers_);
  std::vector<ObjectKey> gone;
  for (const auto& [key, entry] : objects_)
    if (scope.empty() || key.ns == scope) gone.push_back(key);
  for (const ObjectKey& key : gone) put(key, nullptr, false);
  const std::unique_lock lock(mutex_);
  scopes_.erase(scope);
}

}  // namespace errand::kube
