// Data of the Client's calls that do not concern stored objects: TokenRequest,
// TokenReview and SubjectAccessReview.
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

inline constexpr Seconds kShortestTokenLife{600};  // the API server refuses to give shorter ones

// authentication.k8s.io/v1 TokenRequestSpec. Without audiences the token is for
// the API server. The server may shorten the life.
struct TokenSpec {
  std::vector<std::string> audiences = {};
  Seconds expiration = kShortestTokenLife;
  std::optional<ObjectReference> boundTo = {};  // Pod, Secret or Node; its ns is not used
  Millis timeout = kLongestCall;                // of the call
};

// Times and id are the token's own claims (exp, iat, jti): if the server extends
// the token, the answer's expirationTimestamp differs from exp. `credentialId` is the
// jti. userInfo.extra and the audit log show it with the prefix JTI=
// (authentication.kubernetes.io/credential-id).
struct IssuedToken {
  Sensitive token;
  Time issuedAt, expiresAt;
  std::string credentialId;
};

// authentication.k8s.io/v1 TokenReviewStatus.
struct TokenReview {
  bool authenticated = false;
  std::string error;  // the server's words on why not
  std::string username, uid;
  std::vector<std::string> groups, audiences;
};

// authorization.k8s.io/v1 SubjectAccessReviewSpec, for a resource or, where
// `path` is set, for a path.
struct AccessQuestion {
  std::string user, uid = {};  // without a user: what this process itself may do
  std::vector<std::string> groups = {};
  std::map<std::string, std::vector<std::string>> extra = {};
  std::string verb, group = {}, version = {}, resource = {}, subresource = {}, ns = {}, name = {};
  std::string path = {};
};

struct AccessAnswer {
  bool allowed = false;
  bool denied = false;  // an authorizer said no; neither means that none had an opinion
  std::string reason, evaluationError;
};

}  // namespace errand::kube
