#include "core/api/meta.hpp"

#include <algorithm>

#include "core/api/table/codec.hpp"
#include "core/api/table/meta.hpp"

namespace errand::api {
namespace {

std::string_view lookup(const StringMap& map, std::string_view key) {
  const auto it = map.find(key);
  return it == map.end() ? std::string_view() : std::string_view(it->second);
}

}  // namespace

std::string_view ObjectMeta::label(std::string_view key) const { return lookup(labels, key); }
std::string_view ObjectMeta::annotation(std::string_view key) const { return lookup(annotations, key); }

bool ObjectMeta::hasFinalizer(std::string_view wanted) const {
  return std::ranges::find(finalizers, wanted) != finalizers.end();
}

bool ObjectMeta::ownedBy(std::string_view ownerUid) const {
  return std::ranges::any_of(owners, [&](const OwnerReference& o) { return o.uid == ownerUid; });
}

const OwnerReference* ObjectMeta::controller() const {
  const auto it = std::ranges::find_if(owners, &OwnerReference::controller);
  return it == owners.end() ? nullptr : &*it;
}

const Condition* findCondition(const std::vector<Condition>& all, std::string_view type) {
  const auto it = std::ranges::find(all, type, &Condition::type);
  return it == all.end() ? nullptr : &*it;
}

void setCondition(std::vector<Condition>& all, Condition next, Time now) {
  const auto it = std::ranges::find(all, next.type, &Condition::type);
  next.lastTransitionTime = now;
  if (it == all.end()) {
    all.push_back(std::move(next));
  } else {
    if (it->status == next.status && it->lastTransitionTime) next.lastTransitionTime = it->lastTransitionTime;
    *it = std::move(next);
  }
}

nlohmann::json encode(const ObjectMeta& meta) { return writeFields(meta); }

}  // namespace errand::api
