// The definitions of Store<T>.
#pragma once

#include <algorithm>
#include <iterator>

#include "core/kube/watch/store.hpp"

namespace errand::kube {

template <class T>
api::Packed Store<T>::find(const ObjectKey& key) const {
  const api::Packed* found = objects_.find(KeyView{key.ns, key.name});
  return found == nullptr ? api::Packed() : *found;
}

template <class T>
auto Store<T>::get(std::string_view ns, std::string_view name) const -> Ptr {
  api::Packed found;
  {
    const std::shared_lock lock(mutex_);
    if (const api::Packed* object = objects_.find(KeyView{ns, name})) found = *object;
  }
  return made(found);
}

template <class T>
std::vector<api::Packed> Store<T>::packed(std::optional<std::string_view> ns,
                                          std::string_view namePrefix) const {
  std::vector<api::Packed> out;
  const std::shared_lock lock(mutex_);
  objects_.from(KeyView{ns.value_or(""), namePrefix}, [&](const api::Packed& object) {
    if (ns && (object.ns() != *ns || !object.name().starts_with(namePrefix))) return false;
    out.push_back(object);
    return true;
  });
  return out;
}

template <class T>
auto Store<T>::list(std::string_view ns, std::string_view namePrefix) const -> std::vector<Ptr> {
  std::vector<Ptr> out;
  for (const api::Packed& object : packed(ns, namePrefix)) out.push_back(made(object));
  return out;
}

template <class T>
auto Store<T>::listAll() const -> std::vector<Ptr> {
  std::vector<Ptr> out;
  for (const api::Packed& object : packed(std::nullopt)) out.push_back(made(object));
  return out;
}

template <class T>
std::vector<ObjectKey> Store<T>::keys(std::optional<std::string_view> ns) const {
  std::vector<ObjectKey> out;
  for (const api::Packed& object : packed(ns)) out.push_back(keyOf(object));
  return out;
}

template <class T>
template <class F>
void Store<T>::each(std::string_view ns, F f) const {
  for (const api::Packed& object : packed(ns))
    if (!f(api::unpack<T>(object))) return;
}

template <class T>
auto Store<T>::found(std::string_view index, std::string_view text) const -> std::vector<Ptr> {
  std::vector<api::Packed> objects;
  const auto i = indexes_.find(index);
  if (i == indexes_.end()) return {};
  {
    const std::shared_lock lock(mutex_);
    i->second.entries.from(hashOf(text), [&](const IndexEntry& entry) {
      if (entry.hash != hashOf(text)) return false;
      objects.push_back(entry.object);
      return true;
    });
  }
  std::ranges::sort(objects, ByKey{});
  std::vector<Ptr> out;
  for (const api::Packed& object : objects) {
    Ptr one = made(object);
    if (std::ranges::count(i->second.textsOf(*one), text) > 0) out.push_back(std::move(one));
  }
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

// Reads objects_ without a lock: the caller holds writers_, so no other thread changes it.
template <class T>
void Store<T>::put(const ObjectKey& key, const Ptr& next, const api::Packed& is, bool ours) {
  const api::Packed was = find(key);
  const Ptr old = made(was);
  std::vector<std::pair<Entries*, std::uint64_t>> drop, add;
  for (auto& [name, index] : indexes_) {
    if (old)
      for (const std::string& text : index.textsOf(*old)) drop.emplace_back(&index, hashOf(text));
    if (next)
      for (const std::string& text : index.textsOf(*next)) add.emplace_back(&index, hashOf(text));
  }
  {
    const std::unique_lock lock(mutex_);
    for (const auto& [index, hash] : drop) index->entries.erase(IndexEntry{hash, was});
    for (const auto& [index, hash] : add) index->entries.insert({hash, is});
    if (next)
      objects_.insert(is);
    else
      objects_.erase(KeyView{key.ns, key.name});
  }
  if (ours)
    ours_.insert(key);
  else
    ours_.erase(key);
  if (old || next) notify(old, next);
}

template <class T>
void Store<T>::upsert(Ptr object) {
  const std::lock_guard writer(writers_);
  const ObjectKey key = keyOf(*object);
  const std::uint64_t version = versionNumber(object->meta.resourceVersion);
  if (const Ptr current = made(find(key))) {
    const bool same = current->meta.uid == object->meta.uid;
    if (version <= versionNumber(current->meta.resourceVersion)) return;
    if (!same && version <= watchedVersion(key.ns)) return;
  } else if (version <= watchedVersion(key.ns)) {
    return;  // the watch has seen this write, and the object's deletion after it
  }
  put(key, object, api::pack(*object), true);
}

template <class T>
void Store<T>::remove(std::string_view ns, std::string_view name, std::string_view uid) {
  const std::lock_guard writer(writers_);
  const ObjectKey key{std::string(ns), std::string(name)};
  const Ptr current = made(find(key));
  if (current && current->meta.uid == uid) put(key, nullptr, {}, false);
}

template <class T>
void Store<T>::replace(const std::string& scope, Snapshot objects, std::string_view resourceVersion) {
  const std::lock_guard writer(writers_);
  const std::uint64_t listed = versionNumber(resourceVersion);
  auto& wanted = objects.objects_;
  for (const api::Packed& packedNow :
       packed(scope.empty() ? std::nullopt : std::optional<std::string_view>(scope))) {
    const ObjectKey key = keyOf(packedNow);
    const KeyView view{key.ns, key.name};
    const bool ours = ours_.contains(key);
    const api::Packed* next = wanted.find(view);
    if (next != nullptr && !ours && next->bytes() == packedNow.bytes()) {
      wanted.erase(view);
      continue;
    }
    const Ptr now = made(packedNow);
    // A write of this process after the list was taken is not in the list.
    if (ours && versionNumber(now->meta.resourceVersion) > listed) {
      wanted.erase(view);
    } else if (next == nullptr) {
      put(key, nullptr, {}, false);
    } else if (!ours) {
      const T other = api::unpack<T>(*next);
      if (other.meta.uid == now->meta.uid && other.meta.resourceVersion == now->meta.resourceVersion)
        wanted.erase(view);
    }
  }
  wanted.each([&](const api::Packed& object) { put(keyOf(object), made(object), object, false); });
  const std::unique_lock lock(mutex_);
  scopes_[scope] = Scope{true, listed};
}

template <class T>
void Store<T>::apply(const std::string& scope, Ptr object) {
  const std::lock_guard writer(writers_);
  const ObjectKey key = keyOf(*object);
  const std::string version = object->meta.resourceVersion;
  const Ptr current = made(find(key));
  const bool same = current && current->meta.uid == object->meta.uid;
  if (same && !version.empty() && current->meta.resourceVersion == version)
    ours_.erase(key);  // the watch repeats our own write, or a known version: no change
  else if (!same || versionNumber(current->meta.resourceVersion) <= versionNumber(version))
    put(key, object, api::pack(*object), false);
  const std::unique_lock lock(mutex_);
  scopes_[scope].version = std::max(scopes_[scope].version, versionNumber(version));
}

template <class T>
void Store<T>::erase(const std::string& scope, const ObjectKey& key, std::string_view resourceVersion) {
  const std::lock_guard writer(writers_);
  const std::uint64_t version = versionNumber(resourceVersion);
  // Keeps an object that this process has created under the same name since the deletion.
  const Ptr current = made(find(key));
  if (current && versionNumber(current->meta.resourceVersion) <= version) put(key, nullptr, {}, false);
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
  for (const ObjectKey& key : keys(scope.empty() ? std::nullopt : std::optional<std::string_view>(scope)))
    put(key, nullptr, {}, false);
  const std::unique_lock lock(mutex_);
  scopes_.erase(scope);
}

}  // namespace errand::kube
