// Reads an AdmissionReview, admission.k8s.io/v1
// (https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/api/requester.hpp"
#include "core/base/result.hpp"
#include "rules/view/objectview.hpp"
#include "rules/view/podview.hpp"

namespace errand::rules {

// The fields of every request.
struct RequestInfo {
  std::string uid, operation, ns;
  std::string resource;  // pods, pods/status
  std::string name;      // empty for an object that the API server names
  api::Requester requester;
};

// CREATE of a pod.
struct PodCreate {
  PodView pod;
};

// UPDATE of a pod, or of its status: a client that may write the status can also write labels and
// annotations.
struct PodUpdate {
  PodView pod, old;
};

// UPDATE of pods/ephemeralcontainers.
struct EphemeralContainersUpdate {
  PodView pod;
  std::optional<PodView> old;
};

// CREATE or UPDATE of an object that is no Pod, TaskGrant or AgentIdentity. The only subresource is
// pods/binding, because the API server copies the annotations of a binding to the pod.
struct ObjectWrite {
  enum class PodTemplate {
    Created,  // a CREATE; the object may have no template
    Same,
    Changed,  // also if the template of one of the two objects cannot be read
  };
  ObjectView object;
  PodTemplate podTemplate = PodTemplate::Created;
};

// The JSON of both objects. A text is empty if the request lacks the object. `old` is nullopt for a CREATE.
struct WrittenText {
  std::string object;
  std::optional<std::string> old;
};
// CREATE or UPDATE of a TaskGrant.
struct TaskGrantWrite : WrittenText {};
// CREATE or UPDATE of an AgentIdentity.
struct AgentIdentityWrite : WrittenText {};

// A TokenRequest. RequestInfo::name is the ServiceAccount's.
struct TokenCreate {};

// A request whose pod or object is missing or cannot be read. The message names the field. The caller must
// reject such a request.
struct Unreadable {
  std::string message;
};

// Any other request.
struct Unchecked {};

using AdmissionRequest = std::variant<Unchecked, Unreadable, PodCreate, PodUpdate, EphemeralContainersUpdate,
                                      ObjectWrite, TaskGrantWrite, AgentIdentityWrite, TokenCreate>;

// A request that was read, with its common fields.
struct AdmissionReview {
  RequestInfo info;
  AdmissionRequest request;
};

// Fails with Invalid if no AdmissionReview can be answered:
// - The body is not JSON (core/json), or no AdmissionReview of admission.k8s.io/v1.
// - The request or its uid is missing, or a field beside the objects has the wrong type.
// A pod or object that cannot be read gives Unreadable instead.
Result<AdmissionReview> readAdmission(std::string_view body);

}  // namespace errand::rules
