#include "rules/view/admission.hpp"

#include "core/api/resource.hpp"
#include "rules/view/read/json.hpp"
#include "rules/view/read/readobject.hpp"
#include "rules/view/read/readpod.hpp"

namespace errand::rules {
namespace {

template <class T>
std::optional<Result<T>> readOne(const Node& request, std::string_view key, T (*reader)(const Node&)) {
  if (!request.has(key)) return std::nullopt;
  Node::Failure failure;
  std::optional<T> out;
  request.isolated(key, failure, [&](const Node& object) { out = reader(object); });
  if (!failure.message.empty()) return fail(ErrorKind::Invalid, failure.message);
  return std::move(*out);
}

// The template of pods of any kind, as text: what stands at each place where one may stand. Nothing where
// one of them is no object.
std::optional<std::string> templateOf(const Node& request, std::string_view key) {
  Node::Failure failure;
  std::string out;
  const auto take = [&](const Node& holder, std::string_view place) {
    holder.object("template",
                  [&](const Node& pods) { out.append(place).append(pods.minified()).append("\n"); });
  };
  request.isolated(key, failure, [&](const Node& object) {
    take(object, "/");
    object.object("spec", [&](const Node& spec) {
      take(spec, "/spec/");
      spec.object("jobTemplate", [&](const Node& job) {
        job.object("spec", [&](const Node& of) { take(of, "/spec/jobTemplate/spec/"); });
      });
    });
  });
  return failure.message.empty() ? std::optional(out) : std::nullopt;
}

bool hasOtherTemplate(const Node& request) {
  const auto now = templateOf(request, "object"), before = templateOf(request, "oldObject");
  return !now || now != before;
}

// What a request is about, apart from RequestInfo.
struct Target {
  std::string group, version, resource, subResource;
};

AdmissionRequest unreadable(std::string_view what, const Error& error) {
  return Unreadable{std::string("the ").append(what).append(" cannot be read: ").append(error.message)};
}

AdmissionRequest readPods(const Node& request, std::string_view subResource, bool isCreate) {
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

AdmissionRequest readObjectWrite(const Node& request, bool isCreate) {
  using PodTemplate = ObjectWrite::PodTemplate;
  const PodTemplate podTemplate = isCreate                    ? PodTemplate::Created
                                  : hasOtherTemplate(request) ? PodTemplate::Changed
                                                              : PodTemplate::Same;
  auto object = readOne<ObjectView>(request, "object", readObject);
  if (!object) return Unreadable{"request.object is missing"};
  if (!*object) return unreadable("object", object->error());
  return ObjectWrite{std::move(**object), podTemplate};
}

WrittenText readTexts(const Node& request, bool isCreate) {
  WrittenText out;
  request.object("object", [&](const Node& object) { out.object = object.counted(); });
  if (isCreate) return out;
  out.old.emplace();
  request.object("oldObject", [&](const Node& object) { out.old = object.counted(); });
  return out;
}

AdmissionRequest readRequest(const Node& request, const Target& target, std::string_view operation) {
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
    if (target.resource == api::kTaskGrants.plural) return TaskGrantWrite{readTexts(request, isCreate)};
    if (target.resource == api::kAgentIdentities.plural)
      return AgentIdentityWrite{readTexts(request, isCreate)};
  }
  return readObjectWrite(request, isCreate);
}

}  // namespace

Result<AdmissionReview> readAdmission(std::string_view body) {
  const Result<std::shared_ptr<const Document>> document = Document::parse(body);
  if (!document) return std::unexpected(document.error());
  Node::Failure failure;
  const Node review(*document, failure);
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
  review.object("request", [&](const Node& request) {
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
    request.object("resource", [&](const Node& resource) {
      resource.exactCase({"group", "version", "resource"});
      resource.read("group", target.group);
      resource.read("version", target.version);
      resource.read("resource", target.resource);
    });
    request.object("userInfo", [&](const Node& user) {
      user.exactCase({"username", "uid", "groups", "extra"});
      user.read("username", info.requester.user);
      user.read("uid", info.requester.uid);
      user.read("groups", info.requester.groups);
      user.object("extra", [&](const Node& extra) {
        extra.fields([&](std::string_view key, const Node&) {
          extra.read(key, info.requester.extra[std::string(key)]);
        });
      });
    });
    out.request = readRequest(request, target, info.operation);
  });
  if (failure.message.empty() && out.info.uid.empty()) failure.message = "request.uid is missing";
  if (!failure.message.empty()) return fail(ErrorKind::Invalid, failure.message);
  return out;
}

}  // namespace errand::rules
