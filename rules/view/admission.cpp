#include "rules/view/admission.hpp"

#include "rules/view/read/readobject.hpp"
#include "rules/view/read/readpod.hpp"
#include "rules/view/read/review.hpp"

namespace errand::rules {
namespace {

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

// The template of pods of any kind, as text: what stands at each place where one may stand. Nothing where
// one of them is no object.
std::optional<std::string> templateOf(const JsonNode& request, std::string_view key) {
  JsonNode::Failure failure;
  std::string out;
  const auto take = [&](const JsonNode& holder, std::string_view place) {
    holder.object("template",
                  [&](const JsonNode& pods) { out.append(place).append(pods.minified()).append("\n"); });
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

bool hasOtherTemplate(const JsonNode& request) {
  const auto now = templateOf(request, "object"), before = templateOf(request, "oldObject");
  return !now || now != before;
}

}  // namespace

Result<AdmissionRequest> readAdmission(std::string_view body) {
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

  AdmissionRequest out;
  if (!review.has("request")) review.fail("request is missing");
  review.object("request", [&](const JsonNode& request) {
    request.exactCase({"uid", "kind", "resource", "subResource", "requestKind", "requestResource",
                       "requestSubResource", "name", "namespace", "operation", "userInfo", "object",
                       "oldObject", "dryRun", "options"});
    request.read("uid", out.uid);
    request.read("operation", out.operation);
    request.read("namespace", out.ns);
    request.read("name", out.name);
    request.read("subResource", out.subResource);
    request.object("resource", [&](const JsonNode& resource) {
      resource.exactCase({"group", "version", "resource"});
      resource.read("group", out.group);
      resource.read("version", out.version);
      resource.read("resource", out.resource);
    });
    request.object("userInfo", [&](const JsonNode& user) {
      user.exactCase({"username", "uid", "groups", "extra"});
      user.read("username", out.user.name);
      user.read("uid", out.user.uid);
      user.read("groups", out.user.groups);
      user.object("extra", [&](const JsonNode& extra) {
        extra.fields([&](std::string_view key, const JsonNode&) {
          extra.read(key, out.user.extra[std::string(key)]);
        });
      });
    });
    if (out.isOurs()) {
      request.object("object", [&](const JsonNode& object) { out.text = object.counted(); });
      request.object("oldObject", [&](const JsonNode& object) { out.oldText = object.counted(); });
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
