#include "rules/view/admission.hpp"

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

}  // namespace

Result<AdmissionRequest> readAdmission(std::string_view body) {
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

  AdmissionRequest out;
  if (!review.has("request")) review.fail("request is missing");
  review.object("request", [&](const Node& request) {
    request.exactCase({"uid", "kind", "resource", "subResource", "requestKind", "requestResource",
                       "requestSubResource", "name", "namespace", "operation", "userInfo", "object",
                       "oldObject", "dryRun", "options"});
    request.read("uid", out.uid);
    request.read("operation", out.operation);
    request.read("namespace", out.ns);
    request.read("name", out.name);
    request.read("subResource", out.subResource);
    request.object("resource", [&](const Node& resource) {
      resource.exactCase({"group", "version", "resource"});
      resource.read("group", out.group);
      resource.read("version", out.version);
      resource.read("resource", out.resource);
    });
    request.object("userInfo", [&](const Node& user) {
      user.exactCase({"username", "uid", "groups", "extra"});
      user.read("username", out.user.name);
      user.read("uid", out.user.uid);
      user.read("groups", out.user.groups);
      user.object("extra", [&](const Node& extra) {
        extra.fields(
            [&](std::string_view key, const Node&) { extra.read(key, out.user.extra[std::string(key)]); });
      });
    });
    if (out.isOurs()) {
      request.object("object", [&](const Node& object) { out.text = object.counted(); });
      request.object("oldObject", [&](const Node& object) { out.oldText = object.counted(); });
    }
    if (out.isObjectWrite() && out.operation == "UPDATE") out.otherTemplate = hasOtherTemplate(request);
    if (out.isObjectWrite()) out.object = readOne<ObjectView>(request, "object", readObject);
    if (!out.isPodCreate() && !out.isPodUpdate() && !out.isEphemeralUpdate()) return;
    out.pod = readOne<PodView>(request, "object", readPod);
    out.oldPod = readOne<PodView>(request, "oldObject", readPod);
  });
  if (failure.message.empty() && out.uid.empty()) failure.message = "request.uid is missing";
  if (!failure.message.empty()) return fail(ErrorKind::Invalid, failure.message);
  return out;
}

}  // namespace errand::rules
