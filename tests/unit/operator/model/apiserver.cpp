// Objects: creation, patches, deletion, garbage collection.
#include "tests/unit/operator/model/apiserver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tests/unit/operator/model/answers.hpp"

namespace errand::model {
namespace {

constexpr const char* kKinds[] = {
    "agentidentities", "taskgrants", "serviceaccounts", "rolebindings", "secrets", "pods", "jobs",
    "deployments"};

std::string at(const json& object, const char* pointer) {
  const json::json_pointer p(pointer);
  return object.contains(p) && object.at(p).is_string() ? object.at(p).get<std::string>() : std::string();
}

bool hasFinalizers(const json& object) {
  return object["metadata"].contains("finalizers") && !object["metadata"]["finalizers"].empty();
}

}  // namespace

std::string ApiServer::newUid() { return fmt::format("{:08x}-7e57-4000-8000-000000000000", ++uids_); }

const json* ApiServer::find(const std::string& kind, const std::string& name) const {
  const auto& of = objects_[kind];
  const auto it = of.find(name);
  return it == of.end() ? nullptr : &it->second;
}

void ApiServer::put(const std::string& kind, const std::string& name, json next) {
  next["metadata"]["resourceVersion"] = std::to_string(++version_);
  auto& slot = objects_[kind][name];
  const json before = std::move(slot);
  slot = std::move(next);
  events_[kind].push_back({version_, false, slot});
  const json after = slot;
  onWrite({kind, before.is_null() ? nullptr : &before, &after, byOperator_});
}

void ApiServer::drop(const std::string& kind, const std::string& name) {
  json last = std::move(objects_[kind][name]);
  objects_[kind].erase(name);
  last["metadata"]["resourceVersion"] = std::to_string(++version_);
  events_[kind].push_back({version_, true, last});
  onWrite({kind, &last, nullptr, byOperator_});
}

// Stores every update. An object that is being deleted goes with its last finalizer,
// an unchanged object keeps its version, and the generation follows the spec.
kube::Response ApiServer::store(const std::string& kind, const std::string& name, json next) {
  const json& current = objects_[kind][name];
  if (next == current) return answer(200, current);
  if (current.value("spec", json()) != next.value("spec", json()))
    next["metadata"]["generation"] = current["metadata"].value("generation", 1) + 1;
  if (next["metadata"].contains("deletionTimestamp") && !hasFinalizers(next)) {
    drop(kind, name);
    return answer(200, next);
  }
  put(kind, name, std::move(next));
  return answer(200, objects_[kind][name]);
}

kube::Response ApiServer::post(const std::string& kind, json object) {
  const std::string name = at(object, "/metadata/name");
  if (find(kind, name) != nullptr) return failure(409, "AlreadyExists");
  object["metadata"]["uid"] = newUid();
  object["metadata"]["generation"] = 1;
  object["metadata"]["creationTimestamp"] = formatTime(clock_.now());
  put(kind, name, std::move(object));
  return answer(201, objects_[kind][name]);
}

kube::Response ApiServer::patch(const std::string& kind, const std::string& name, bool status,
                                const std::string& type, const json& body) {
  const bool apply = type.starts_with("application/apply-patch");
  const json* current = find(kind, name);
  if (current == nullptr) {
    if (apply && at(body, "/metadata/uid").empty()) return post(kind, body);
    return apply ? failure(409, "Conflict") : failure(404, "NotFound");
  }
  json next = *current;
  if (type.starts_with("application/json-patch")) {
    try {
      next = current->patch(body);
    } catch (const json::exception&) {
      return failure(422, "Invalid");
    }
  } else {
    next.merge_patch(body);
    // A server-side apply removes the fields that the same manager applied before and leaves out this time.
    if (apply && body.contains("data")) next["data"] = body["data"];
  }
  // A patch can compare the uid and the resourceVersion with the stored values, but cannot change them.
  if (at(next, "/metadata/uid") != at(*current, "/metadata/uid")) return failure(409, "Conflict");
  if (at(next, "/metadata/resourceVersion") != at(*current, "/metadata/resourceVersion"))
    return failure(409, "Conflict");
  if (kind == "taskgrants" || kind == "agentidentities") {
    json merged = status ? *current : next;
    merged["status"] = (status ? next : *current).value("status", json::object());
    next = std::move(merged);
  }
  return store(kind, name, std::move(next));
}

kube::Response ApiServer::remove(const std::string& kind, const std::string& name, const json& options) {
  const json* current = find(kind, name);
  if (current == nullptr) return failure(404, "NotFound");
  const std::string uid = at(options, "/preconditions/uid");
  if (!uid.empty() && uid != at(*current, "/metadata/uid")) return failure(409, "Conflict");
  json last = *current;
  if (!hasFinalizers(last)) {
    drop(kind, name);
  } else if (!last["metadata"].contains("deletionTimestamp")) {
    last["metadata"]["deletionTimestamp"] = formatTime(clock_.now());
    put(kind, name, last);
  }
  return answer(200, json{{"kind", "Status"}, {"status", "Success"}});
}

void ApiServer::create(const std::string& kind, json object) { post(kind, std::move(object)); }

void ApiServer::change(const std::string& kind, const std::string& name,
                       const std::function<void(json&)>& edit) {
  const json* current = find(kind, name);
  if (current == nullptr) return;
  json next = *current;
  edit(next);
  store(kind, name, std::move(next));
}

void ApiServer::erase(const std::string& kind, const std::string& name, bool orphan) {
  const json* current = find(kind, name);
  if (current == nullptr) return;
  const std::string uid = at(*current, "/metadata/uid");
  if (orphan)
    for (const char* of : kKinds) {
      std::vector<std::string> names;
      for (const auto& [dependent, object] : objects_[of]) names.push_back(dependent);
      for (const std::string& dependent : names)
        change(of, dependent, [&](json& object) {
          json& meta = object["metadata"];
          if (!meta.contains("ownerReferences")) return;
          json kept = json::array();
          for (const json& owner : meta["ownerReferences"])
            if (owner["uid"] != uid) kept.push_back(owner);
          meta["ownerReferences"] = kept;
          if (kept.empty()) meta.erase("ownerReferences");
        });
    }
  remove(kind, name, json::object());
}

// The garbage collector: deletes each object whose owners are all gone.
void ApiServer::collectGarbage() {
  std::set<std::string> uids;
  for (const char* kind : kKinds)
    for (const auto& [name, object] : objects_[kind]) uids.insert(at(object, "/metadata/uid"));
  for (const char* kind : kKinds) {
    std::vector<std::string> gone;
    for (const auto& [name, object] : objects_[kind]) {
      const json owners = object["metadata"].value("ownerReferences", json::array());
      if (!owners.empty() && std::ranges::none_of(owners, [&](const json& o) {
            return uids.contains(o["uid"].get<std::string>());
          }))
        gone.push_back(name);
    }
    for (const std::string& name : gone) remove(kind, name, json::object());
  }
}

kube::Response ApiServer::serve(const kube::Request& request) {
  size_t from = request.path.size() - 1;
  for (size_t i = 0; i + 2 < request.path.size(); ++i)
    if (request.path[i] == "namespaces") from = i + 2;
  if (from > 0 && request.path[from - 1] == "namespaces") --from;  // the namespace itself
  const std::string& kind = request.path[from];
  const std::string name = from + 1 < request.path.size() ? request.path[from + 1] : "";
  const std::string sub = from + 2 < request.path.size() ? request.path[from + 2] : "";
  const json body = request.body.empty() ? json() : json::parse(request.body.reveal());
  byOperator_ = true;
  kube::Response out = [&] {
    if (sub == "token") return requestToken(name, body);
    if (kind == "tokenreviews") return reviewToken(body);
    switch (request.method) {
      case kube::Method::Get:
        return find(kind, name) != nullptr ? answer(200, *find(kind, name)) : failure(404, "NotFound");
      case kube::Method::Post:
        return post(kind, body);
      case kube::Method::Patch:
        return patch(kind, name, sub == "status", request.contentType, body);
      case kube::Method::Delete:
        return remove(kind, name, body);
      case kube::Method::Put:
        break;
    }
    return failure(405, "MethodNotAllowed");
  }();
  byOperator_ = false;
  return out;
}

}  // namespace errand::model
