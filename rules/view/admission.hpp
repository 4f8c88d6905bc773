// Reads an AdmissionReview, admission.k8s.io/v1
// (https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/requester.hpp"
#include "core/api/resource.hpp"
#include "core/base/result.hpp"
#include "rules/view/objectview.hpp"
#include "rules/view/podview.hpp"

namespace errand::rules {

struct AdmissionRequest {
  struct User {
    std::string name, uid;
    std::vector<std::string> groups;
    std::map<std::string, std::vector<std::string>> extra;
  };

  std::string uid, operation, ns, name;
  std::string group, version, resource, subResource;
  User user;
  // Set if isPodCreate(), isPodUpdate() or isEphemeralUpdate(). An error names the field that could not be
  // read; such an object must be rejected.
  std::optional<Result<PodView>> pod, oldPod;
  std::optional<Result<ObjectView>> object;  // likewise, of requests that isObjectWrite()
  std::string text, oldText;                 // JSON of both objects, of requests that isOurs()
  // Set for updates that isObjectWrite(). True if the pod template differs from the old object's, or if one
  // of the two cannot be read.
  bool otherTemplate = false;

  bool isPodCreate() const { return isPod() && subResource.empty() && operation == "CREATE"; }
  // Includes `status`: a client that may write it can also write labels and annotations.
  bool isPodUpdate() const {
    return isPod() && (subResource.empty() || subResource == "status") && operation == "UPDATE";
  }
  bool isEphemeralUpdate() const {
    return isPod() && subResource == "ephemeralcontainers" && operation == "UPDATE";
  }
  // A new or changed object that is no pod and not one of our kinds.
  bool isObjectWrite() const {
    return (isBinding() || (!isPod() && !isOurs() && subResource.empty())) &&
           (operation == "CREATE" || operation == "UPDATE");
  }
  // A new or changed TaskGrant or AgentIdentity.
  bool isOurs() const {
    return group == api::kTaskGrants.group && subResource.empty() &&
           (resource == api::kTaskGrants.plural || resource == api::kAgentIdentities.plural) &&
           (operation == "CREATE" || operation == "UPDATE");
  }
  // A TokenRequest; `name` is the ServiceAccount's.
  bool isTokenCreate() const {
    return group.empty() && resource == "serviceaccounts" && subResource == "token" && operation == "CREATE";
  }

  api::Requester requester() const { return {user.name, user.uid, user.groups, user.extra}; }

 private:
  bool isPod() const { return group.empty() && resource == "pods"; }
  // A binding of a pod to a node. The API server copies its annotations to the pod.
  bool isBinding() const { return isPod() && subResource == "binding"; }
};

// Returns an error if the body is no AdmissionReview that can be answered: see review().
Result<AdmissionRequest> readAdmission(std::string_view body);

}  // namespace errand::rules
