// The data of Client's calls that store no object: TokenRequest, TokenReview and SubjectAccessReview.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/sensitive.hpp"
#include "core/base/time.hpp"
#include "core/kube/http/transport.hpp"

namespace errand::kube {

// Names one object (corev1.ObjectReference without the field path).
struct ObjectReference {
  std::string apiVersion, kind, ns, name, uid = {}, resourceVersion = {};
};

inline constexpr Seconds kShortestTokenLife{600};  // the API server rejects shorter ones

// authentication.k8s.io/v1 TokenRequestSpec. A token without audiences is for the API server. The server may
// shorten the lifetime.
struct TokenSpec {
  std::vector<std::string> audiences = {};
  Seconds expiration = kShortestTokenLife;
  std::optional<ObjectReference> boundTo = {};  // Pod, Secret or Node; its ns is ignored
  Millis timeout = kLongestCall;                // of the call
};

// A token, with its claims exp, iat and jti. The answer's expirationTimestamp is not used: it differs from
// exp if the server extends the token. userInfo.extra and the audit log show the jti with the prefix JTI=
// (authentication.kubernetes.io/credential-id).
struct IssuedToken {
  Sensitive token;
  Time issuedAt, expiresAt;
  std::string credentialId;
};

// authentication.k8s.io/v1 TokenReviewStatus.
struct TokenReview {
  bool authenticated = false;
  std::string error;  // the server's reason for a rejection
  std::string username, uid;
  std::vector<std::string> groups, audiences;
};

// authorization.k8s.io/v1 SubjectAccessReviewSpec: for a path if `path` is set, or else for a resource.
struct AccessQuestion {
  std::string user, uid = {};  // an empty user means this process itself
  std::vector<std::string> groups = {};
  std::map<std::string, std::vector<std::string>> extra = {};
  std::string verb, group = {}, version = {}, resource = {}, subresource = {}, ns = {}, name = {};
  std::string path = {};
};

// authorization.k8s.io/v1 SubjectAccessReviewStatus.
struct AccessAnswer {
  bool allowed = false;
  bool denied = false;  // an authorizer denied it. If both are false, none has decided, which also rejects it
  std::string reason, evaluationError;
};

}  // namespace errand::kube
