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
  // Set for the requests about pods that are told apart below. An error names the field that could
  // not be read: such an object is to be refused.
  std::optional<Result<PodView>> pod, oldPod;
  std::optional<Result<ObjectView>> object;  // likewise, of requests that isObjectWrite()
  std::string text, oldText;                 // JSON of both objects, of requests that isOurs()
  // Of updates that isObjectWrite(): the template of pods is not the old object's, or one cannot be read.
  bool otherTemplate = false;

  bool isPodCreate() const { return isPod() && subResource.empty() && operation == "CREATE"; }
  // Who may write the status may write labels and annotations by it.
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
  // Of a pod to a node. The API server copies its annotations to the pod.
  bool isBinding() const { return isPod() && subResource == "binding"; }
};

// An error means that there is nothing to answer to: see review().
Result<AdmissionRequest> readAdmission(std::string_view body);

}  // namespace errand::rules
