// Who asked for an object: what the API server said of the user (authentication.k8s.io/v1 UserInfo).
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace errand::api {

struct Requester {
  std::string user, uid;
  std::vector<std::string> groups;
  std::map<std::string, std::vector<std::string>> extra;

  bool isServiceAccount() const { return user.starts_with("system:serviceaccount:"); }
  bool operator==(const Requester&) const = default;
};

// {"username":…,"uid":…,"groups":[…],"extra":{…}}; what is empty is left out.
nlohmann::json encode(const Requester& requester);
Result<Requester> decodeRequester(std::string_view text);

// Whether somebody may do something, as a SubjectAccessReview asks it (authorization.k8s.io/v1).
struct Question {
  Requester who;
  std::string verb, group, resource, ns, name;
};

// Equal for equal questions alone.
std::string keyOf(const Question& question);

}  // namespace errand::api
