#include "core/kube/client/client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/json/node.hpp"
#include "core/json/value.hpp"
#include "core/kube/client/paths.hpp"
#include "core/kube/client/status.hpp"

namespace errand::kube {
namespace {

constexpr int kTries = 4;
constexpr Millis kLongestWait{10'000};
constexpr int kPageSize = 500;
constexpr Millis kAttemptTimeout{10'000};  // of tryAs(), whose callers make several in a row
constexpr std::string_view kJsonPatch = "application/json-patch+json";
constexpr std::string_view kMergePatch = "application/merge-patch+json";
constexpr std::string_view kApplyPatch = "application/apply-patch+yaml";  // JSON is YAML

std::string describe(std::string_view verb, const api::Resource& resource, std::string_view ns,
                     std::string_view name) {
  std::string out = fmt::format("{} {}", verb, resource.plural);
  if (!ns.empty()) out += fmt::format(" {}", ns);
  if (!name.empty()) out += fmt::format("{}{}", ns.empty() ? " " : "/", name);
  return out;
}

Request request(Method method, std::vector<std::string> path) {
  Request out;
  out.method = method;
  out.path = std::move(path);
  return out;
}

Sensitive dump(const nlohmann::json& value) { return Sensitive(printJson(value)); }

Request patch(std::string_view type, const api::Resource& resource, std::string_view ns,
              std::string_view name, std::string_view subresource, Sensitive body) {
  Request out = request(Method::Patch, objectPath(resource, ns, name, subresource));
  out.contentType = type;
  out.body = std::move(body);
  out.query = {{"fieldManager", std::string(api::kFieldManager)}};
  if (type == kApplyPatch) out.query.emplace_back("force", "true");
  return out;
}

std::string_view propagationName(Propagation propagation) {
  switch (propagation) {
    case Propagation::Background:
      return "Background";
    case Propagation::Foreground:
      return "Foreground";
    case Propagation::Orphan:
      return "Orphan";
  }
  return "Background";
}

}  // namespace

Client::Client(Transport& transport, std::stop_token stop, Pause pause)
    : transport_(transport), stop_(std::move(stop)), pause_(std::move(pause)) {}

Result<Response> Client::send(Request& request, std::string_view doing, bool sensitive) const {
  request.repeats = 0;
  for (int attempt = 1;; ++attempt) {
    auto response = transport_.call(request, stop_);
    if (!response) return std::unexpected(std::move(response.error()).in(doing));
    if (response->status >= 200 && response->status < 300) return response;
    Error error = errorOf(*response, sensitive);
    if (response->status != 429 || attempt == kTries) return std::unexpected(std::move(error).in(doing));
    const Millis wait = error.retryAfter > Millis{0} ? error.retryAfter : Millis{1000};
    if (!pause_(std::min(wait, kLongestWait), stop_)) return fail(ErrorKind::Cancelled, std::string(doing));
    request.repeats = response->status;
  }
}

Result<nlohmann::json> Client::sendJson(Request request, std::string_view doing) const {
  auto response = send(request, doing, false);
  if (!response) return std::unexpected(std::move(response.error()));
  auto value = parseObject(response->body.reveal());
  if (!value) return std::unexpected(std::move(value.error()).in("answer of the API server").in(doing));
  return value;
}

Result<api::PartialObject> Client::sendRaw(Request& request, std::string_view doing) const {
  request.accept = kMetadataAccept;
  auto response = send(request, doing, true);
  if (!response) return std::unexpected(std::move(response.error()));
  auto object = api::decodeText<api::PartialObject>(response->body.reveal());
  if (!object) return std::unexpected(std::move(object.error()).in("answer of the API server").in(doing));
  return object;
}

Result<nlohmann::json> Client::get(const api::Resource& resource, std::string_view ns,
                                   std::string_view name) const {
  return sendJson(request(Method::Get, objectPath(resource, ns, name)), describe("get", resource, ns, name));
}

Result<api::PartialObject> Client::getMetadata(const api::Resource& resource, std::string_view ns,
                                               std::string_view name) const {
  Request read = request(Method::Get, objectPath(resource, ns, name));
  return sendRaw(read, describe("get", resource, ns, name));
}

Result<nlohmann::json> Client::list(const api::Resource& resource, const ListOptions& options) const {
  const std::string doing = describe("list", resource, options.ns, {});
  Request page = request(Method::Get, collectionPath(resource, options.ns));
  if (options.metadataOnly) page.accept = kMetadataListAccept;
  json items = json::array();
  std::string next;
  for (bool restarted = false;;) {
    page.query = {{"limit", std::to_string(kPageSize)}};
    if (!options.labelSelector.empty()) page.query.emplace_back("labelSelector", options.labelSelector);
    if (!options.fieldSelector.empty()) page.query.emplace_back("fieldSelector", options.fieldSelector);
    if (!next.empty()) page.query.emplace_back("continue", next);
    auto response = send(page, doing, false);
    if (!response && response.error().kind == ErrorKind::Gone && !next.empty() && !restarted) {
      restarted = true;  // the server has dropped the version of the earlier pages
      items.clear();
      next.clear();
      continue;
    }
    if (!response) return std::unexpected(std::move(response.error()));
    const auto document = JsonDocument::parse(response->body.reveal());
    if (!document) return std::unexpected(Error(document.error()).in(doing));
    JsonNode::Failure failure;
    const JsonNode root(*document, failure);
    const auto meta = root.child("metadata");
    if (!root.isObject() || (meta && !meta->isObject()))
      return fail(ErrorKind::Internal, doing + ": the answer is no list");
    root.list("items", [&](const JsonNode& item) { items.push_back(toObject(item)); });
    json head = json::object();
    next.clear();
    if (meta) {
      meta->read("continue", next);
      if (const auto version = meta->child("resourceVersion")) head["resourceVersion"] = toValue(*version);
    }
    if (!failure.message.empty()) return fail(ErrorKind::Internal, doing + ": " + failure.message);
    if (next.empty()) return json{{"metadata", std::move(head)}, {"items", std::move(items)}};
  }
}

Result<std::vector<std::string>> Client::servedKinds(std::string_view group, std::string_view version) const {
  const std::string doing = fmt::format("list the kinds of {}/{}", group, version);
  const auto list = sendJson(request(Method::Get, {"apis", std::string(group), std::string(version)}), doing);
  if (!list) return std::unexpected(list.error());
  const auto resources = list->find("resources");
  if (resources == list->end() || !resources->is_array())
    return fail(ErrorKind::Internal, doing + ": the answer is no list");
  std::vector<std::string> out;
  for (const json& resource : *resources)
    if (resource.is_object() && resource.contains("name") && resource["name"].is_string())
      out.push_back(resource["name"].get<std::string>());
  return out;
}

Result<nlohmann::json> Client::create(const api::Resource& resource, std::string_view ns,
                                      const json& object) const {
  Request post = request(Method::Post, collectionPath(resource, ns));
  post.query = {{"fieldManager", std::string(api::kFieldManager)}};
  post.body = dump(object);
  return sendJson(std::move(post), describe("create", resource, ns, {}));
}

Result<nlohmann::json> Client::apply(const api::Resource& resource, std::string_view ns,
                                     std::string_view name, const json& object) const {
  return sendJson(patch(kApplyPatch, resource, ns, name, {}, dump(object)),
                  describe("apply", resource, ns, name));
}

Result<nlohmann::json> Client::jsonPatch(const api::Resource& resource, std::string_view ns,
                                         std::string_view name, const json& operations) const {
  return sendJson(patch(kJsonPatch, resource, ns, name, {}, dump(operations)),
                  describe("patch", resource, ns, name));
}

Result<nlohmann::json> Client::mergePatch(const api::Resource& resource, std::string_view ns,
                                          std::string_view name, const json& change) const {
  return sendJson(patch(kMergePatch, resource, ns, name, {}, dump(change)),
                  describe("patch", resource, ns, name));
}

Result<nlohmann::json> Client::patchStatus(const api::Resource& resource, std::string_view ns,
                                           std::string_view name, const json& status,
                                           std::string_view resourceVersion) const {
  json before = json::array();
  // Writes the version instead of testing it: the API server then compares it and answers Conflict.
  if (!resourceVersion.empty())
    before.push_back({{"op", "replace"}, {"path", "/metadata/resourceVersion"}, {"value", resourceVersion}});
  return patchStatusIf(resource, ns, name, std::move(before), status);
}

Result<nlohmann::json> Client::patchStatusIf(const api::Resource& resource, std::string_view ns,
                                             std::string_view name, json tests, const json& status) const {
  tests.push_back({{"op", "add"}, {"path", "/status"}, {"value", status}});
  return sendJson(patch(kJsonPatch, resource, ns, name, "status", dump(tests)),
                  describe("patch status of", resource, ns, name));
}

Result<void> Client::scale(std::string_view ns, std::string_view deployment, int replicas) const {
  const json change = {{"spec", {{"replicas", replicas}}}};
  const auto scaled = sendJson(patch(kMergePatch, api::kDeployments, ns, deployment, "scale", dump(change)),
                               describe("scale", api::kDeployments, ns, deployment));
  return scaled ? Result<void>() : std::unexpected(scaled.error());
}

Result<void> Client::remove(const api::Resource& resource, std::string_view ns, std::string_view name,
                            std::string_view uid, Propagation propagation) const {
  Request erase = request(Method::Delete, objectPath(resource, ns, name));
  json options = {
      {"apiVersion", "v1"}, {"kind", "DeleteOptions"}, {"propagationPolicy", propagationName(propagation)}};
  if (!uid.empty()) options["preconditions"]["uid"] = uid;
  erase.body = dump(options);
  erase.accept = kMetadataAccept;  // the answer is the deleted object, which may be a Secret
  auto response = send(erase, describe("delete", resource, ns, name), false);
  if (!response) return std::unexpected(std::move(response.error()));
  return {};
}

Result<void> Client::tryAs(const Sensitive& token, const Attempt& attempt) const {
  const bool creates = attempt.name.empty();
  Request tried = creates ? request(Method::Post, collectionPath(attempt.resource, attempt.ns))
                          : patch(kMergePatch, attempt.resource, attempt.ns, attempt.name, {}, Sensitive());
  tried.query = {{"dryRun", "All"}, {"fieldManager", std::string(api::kFieldManager)}};
  tried.body = Sensitive(attempt.body);
  tried.bearer = token.copy();
  tried.timeout = kAttemptTimeout;
  auto response = send(
      tried, describe(creates ? "try to create" : "try to patch", attempt.resource, attempt.ns, attempt.name),
      false);
  if (!response) return std::unexpected(std::move(response.error()));
  return {};
}

Result<Sensitive> Client::getRaw(const api::Resource& resource, std::string_view ns,
                                 std::string_view name) const {
  auto response =
      send(request(Method::Get, objectPath(resource, ns, name)), describe("get", resource, ns, name), false);
  if (!response) return std::unexpected(std::move(response.error()));
  return std::move(response->body);
}

Result<api::PartialObject> Client::createRaw(const api::Resource& resource, std::string_view ns,
                                             Sensitive body) const {
  Request post = request(Method::Post, collectionPath(resource, ns));
  post.query = {{"fieldManager", std::string(api::kFieldManager)}};
  post.body = std::move(body);
  return sendRaw(post, describe("create", resource, ns, {}));
}

Result<api::PartialObject> Client::applyRaw(const api::Resource& resource, std::string_view ns,
                                            std::string_view name, Sensitive body) const {
  Request write = patch(kApplyPatch, resource, ns, name, {}, std::move(body));
  return sendRaw(write, describe("apply", resource, ns, name));
}

}  // namespace errand::kube
