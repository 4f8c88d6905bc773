#include "rules/view/admission.hpp"

#include "core/api/comparable.hpp"
#include "core/api/resource.hpp"
#include "rules/view/read/readobject.hpp"
#include "rules/view/read/readpod.hpp"
#include "rules/view/read/review.hpp"

namespace errand::rules {
namespace {

// Reads the object in a field of the request; nullopt if there is none. Its errors do not affect the request.
template <class T>
std::optional<Result<T>> readOne(const JsonNode& request, std::string_view key,
                                 T (*reader)(const JsonNode&)) {
  if (!request.has(key)) return std::nullopt;
  JsonNode::Failure failure;
  std::optional<T> out;
  request.isolated(key, failure, [&](const JsonNode& object) { out = reader(object); });
  if (!failure.message.empty()) return fail(ErrorKind::Invalid, failure.message);
  return std::move(*out);
}

// The resource of a request.
struct Target {
  std::string group, version, resource, subResource;
};

// Returns the pod templates of an object of any kind as text, one for each field that may hold one. Returns
// nullopt if such a field is no object. The template of a Job excludes the fields that a queue may set.
std::optional<std::string> templateOf(const JsonNode& request, const Target& target, std::string_view key) {
  JsonNode::Failure failure;
  std::string out;
  const bool isJob = target.group == api::kJobs.group && target.resource == api::kJobs.plural;
  const auto take = [&](const JsonNode& holder, std::string_view place) {
    holder.object("template", [&](const JsonNode& pods) {
      out.append(place).append(isJob ? api::comparableJobTemplate(pods) : pods.minified()).append("\n");
    });
  };
  request.isolated(key, failure, [&](const JsonNode& object) {
    take(object, "/");
    object.object("spec", [&](const JsonNode& spec) {
      take(spec, "/spec/");
      spec.object("jobTemplate", [&](const JsonNode& job) {
        job.object("spec", [&](const JsonNode& of) { take(of, "/spec/jobTemplate/spec/"); });
      });
    });
  });
  return failure.message.empty() ? std::optional(out) : std::nullopt;
}

bool hasOtherTemplate(const JsonNode& request, const Target& target) {
  const auto now = templateOf(request, target, "object"), before = templateOf(request, target, "oldObject");
  return !now || now != before;
}

AdmissionRequest unreadable(std::string_view what, const Error& error) {
  return Unreadable{std::string("the ").append(what).append(" cannot be read: ").append(error.message)};
}

AdmissionRequest readPods(const JsonNode& request, std::string_view subResource, bool isCreate) {
  auto pod = readOne<PodView>(request, "object", readPod);
  auto old = readOne<PodView>(request, "oldObject", readPod);
  if (!pod) return Unreadable{"request.object is missing"};
  if (!*pod) return unreadable("pod", pod->error());
  if (old && !*old) return unreadable("pod", old->error());
  if (isCreate) return PodCreate{std::move(**pod)};
  if (subResource == "ephemeralcontainers")
    return EphemeralContainersUpdate{std::move(**pod), old ? std::optional(std::move(**old)) : std::nullopt};
  if (!old) return Unreadable{"request.oldObject is missing"};
  return PodUpdate{std::move(**pod), std::move(**old)};
}

AdmissionRequest readObjectWrite(const JsonNode& request, const Target& target, bool isCreate) {
  using PodTemplate = ObjectWrite::PodTemplate;
  const PodTemplate podTemplate = isCreate                            ? PodTemplate::Created
                                  : hasOtherTemplate(request, target) ? PodTemplate::Changed
                                                                      : PodTemplate::Same;
  auto object = readOne<ObjectView>(request, "object", readObject);
  if (!object) return Unreadable{"request.object is missing"};
  if (!*object) return unreadable("object", object->error());
  return ObjectWrite{std::move(**object), podTemplate};
}

WrittenText readWrittenText(const JsonNode& request, bool isCreate) {
  WrittenText out;
  request.object("object", [&](const JsonNode& object) { out.object = object.counted(); });
  if (isCreate) return out;
  out.old.emplace();
  request.object("oldObject", [&](const JsonNode& object) { out.old = object.counted(); });
  return out;
}

AdmissionRequest readRequest(const JsonNode& request, const Target& target, std::string_view operation) {
  const bool isCreate = operation == "CREATE";
  const bool isPod = target.group.empty() && target.resource == "pods";
  const std::string& sub = target.subResource;
  if (target.group.empty() && target.resource == "serviceaccounts" && sub == "token")
    return isCreate ? AdmissionRequest(TokenCreate{}) : Unchecked{};
  if (!isCreate && operation != "UPDATE") return Unchecked{};
  if (isPod && sub.empty()) return readPods(request, sub, isCreate);
  if (isPod && !isCreate && (sub == "status" || sub == "ephemeralcontainers"))
    return readPods(request, sub, isCreate);
  if (isPod ? sub != "binding" : !sub.empty()) return Unchecked{};
  if (target.group == api::kTaskGrants.group) {
    if (target.resource == api::kTaskGrants.plural) return TaskGrantWrite{readWrittenText(request, isCreate)};
    if (target.resource == api::kAgentIdentities.plural)
      return AgentIdentityWrite{readWrittenText(request, isCreate)};
  }
  return readObjectWrite(request, target, isCreate);
}

}  // namespace

Result<AdmissionReview> readAdmission(std::string_view body) {
  const Result<std::shared_ptr<const JsonDocument>> document = parseReview(body);
  if (!document) return std::unexpected(document.error());
  JsonNode::Failure failure;
  const JsonNode review(*document, failure);
  if (!review.isObject()) return fail(ErrorKind::Invalid, "the body is not a JSON object");

  review.exactCase({"apiVersion", "kind", "request", "response"});
  if (!failure.message.empty()) return fail(ErrorKind::Invalid, failure.message);
  std::string apiVersion, kind;
  review.read("apiVersion", apiVersion);
  review.read("kind", kind);
  if (apiVersion != "admission.k8s.io/v1" || kind != "AdmissionReview")
    return fail(ErrorKind::Invalid, "the body is not an AdmissionReview of admission.k8s.io/v1");

  AdmissionReview out;
  if (!review.has("request")) review.fail("request is missing");
  review.object("request", [&](const JsonNode& request) {
    request.exactCase({"uid", "kind", "resource", "subResource", "requestKind", "requestResource",
                       "requestSubResource", "name", "namespace", "operation", "userInfo", "object",
                       "oldObject", "dryRun", "options"});
    RequestInfo& info = out.info;
    Target target;
    request.read("uid", info.uid);
    request.read("operation", info.operation);
    request.read("namespace", info.ns);
    request.read("name", info.name);
    request.read("subResource", target.subResource);
    request.object("resource", [&](const JsonNode& resource) {
      resource.exactCase({"group", "version", "resource"});
      resource.read("group", target.group);
      resource.read("version", target.version);
      resource.read("resource", target.resource);
    });
    request.object("userInfo", [&](const JsonNode& user) {
      user.exactCase({"username", "uid", "groups", "extra"});
      user.read("username", info.requester.user);
      user.read("uid", info.requester.uid);
      user.read("groups", info.requester.groups);
      user.object("extra", [&](const JsonNode& extra) {
        extra.fields([&](std::string_view key, const JsonNode&) {
          extra.read(key, info.requester.extra[std::string(key)]);
        });
      });
    });
    info.resource = target.subResource.empty() ? target.resource : target.resource + "/" + target.subResource;
    out.request = readRequest(request, target, info.operation);
  });
  if (failure.message.empty() && out.info.uid.empty()) failure.message = "request.uid is missing";
  if (!failure.message.empty()) return fail(ErrorKind::Invalid, failure.message);
  return out;
}

}  // namespace errand::rules
