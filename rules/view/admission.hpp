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

// UPDATE of a pod or of its status. A client that may write the status can also write labels and annotations.
struct PodUpdate {
  PodView pod, old;
};

// UPDATE of pods/ephemeralcontainers.
struct EphemeralContainersUpdate {
  PodView pod;
  std::optional<PodView> old;
};

// CREATE or UPDATE of an object that is neither a pod nor of a kind of this project. A binding of a pod to a
// node is included, because the API server copies its annotations to the pod.
struct ObjectWrite {
  enum class PodTemplate {
    Created,  // with the object, which may have none
    Same,
    Changed,  // or one of the two objects cannot be read
  };
  ObjectView object;
  PodTemplate podTemplate = PodTemplate::Created;
};

// The JSON of both objects. `old` is empty if the request has no old object.
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

// A request for a pod or an object that is missing or cannot be read. The message names the field. Such a
// request must be rejected.
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

// Fails if the body is no AdmissionReview that can be answered: see review().
Result<AdmissionReview> readAdmission(std::string_view body);

}  // namespace errand::rules
