#include "core/api/meta.hpp"

#include <algorithm>

#include "core/api/reader.hpp"

namespace errand::api {
namespace {

constexpr std::pair<std::string_view, ConditionStatus> kStatuses[] = {{"True", ConditionStatus::True},
                                                                      {"False", ConditionStatus::False},
                                                                      {"Unknown", ConditionStatus::Unknown}};

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

void readMeta(const Reader& object, ObjectMeta& out) {
  object.object("metadata", [&](const Reader& m) {
    m.read("name", out.name);
    m.read("generateName", out.generateName);
    m.read("namespace", out.ns);
    m.read("uid", out.uid);
    m.read("resourceVersion", out.resourceVersion);
    m.read("generation", out.generation);
    m.read("creationTimestamp", out.creationTimestamp);
    m.read("deletionTimestamp", out.deletionTimestamp);
    m.read("labels", out.labels);
    m.read("annotations", out.annotations);
    m.read("finalizers", out.finalizers);
    m.list("ownerReferences", out.owners, [](const Reader& o, OwnerReference& owner) {
      o.read("apiVersion", owner.apiVersion);
      o.read("kind", owner.kind);
      o.read("name", owner.name);
      o.read("uid", owner.uid);
      o.read("controller", owner.controller);
    });
  });
}

void readConditions(const Reader& status, std::vector<Condition>& out) {
  status.list("conditions", out, [](const Reader& c, Condition& condition) {
    c.read("type", condition.type);
    c.read("status", condition.status, kStatuses);
    c.read("reason", condition.reason);
    c.read("message", condition.message);
    c.read("observedGeneration", condition.observedGeneration);
    c.read("lastTransitionTime", condition.lastTransitionTime);
  });
}

nlohmann::json encode(const ObjectMeta& meta) {
  nlohmann::json out = nlohmann::json::object();
  put(out, "name", meta.name);
  put(out, "generateName", meta.generateName);
  put(out, "namespace", meta.ns);
  put(out, "uid", meta.uid);
  put(out, "resourceVersion", meta.resourceVersion);
  if (meta.generation != 0) out["generation"] = meta.generation;
  put(out, "creationTimestamp", meta.creationTimestamp);
  put(out, "deletionTimestamp", meta.deletionTimestamp);
  put(out, "labels", meta.labels);
  put(out, "annotations", meta.annotations);
  if (!meta.finalizers.empty()) out["finalizers"] = meta.finalizers;
  for (const OwnerReference& o : meta.owners) {
    nlohmann::json owner = {{"apiVersion", o.apiVersion}, {"kind", o.kind}, {"name", o.name}, {"uid", o.uid}};
    if (o.controller) owner["controller"] = true;
    out["ownerReferences"].push_back(std::move(owner));
  }
  return out;
}

nlohmann::json encode(const std::vector<Condition>& conditions) {
  nlohmann::json out = nlohmann::json::array();
  for (const Condition& c : conditions) {
    nlohmann::json one = {{"type", c.type},
                          {"status", nameOf(c.status, kStatuses)},
                          {"reason", c.reason},
                          {"message", c.message},
                          {"observedGeneration", c.observedGeneration}};
    put(one, "lastTransitionTime", c.lastTransitionTime);
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace errand::api
