// Who asked for an object: what the API server said of the user (authentication.k8s.io/v1 UserInfo).
#pragma once

#include <map>
#include <memory>
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

// Who asks, made once for all questions of a review: one object that they share, and a digest that stands for
// it.
class Asker {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): whoever has a requester may ask.
  Asker(Requester who = {});

  const Requester& operator*() const { return held_->who; }
  const Requester* operator->() const { return &held_->who; }
  // Equal for equal requesters alone.
  const std::string& digest() const { return held_->digest; }

 private:
  struct Held {
    Requester who;
    std::string digest;
  };
  std::shared_ptr<const Held> held_;
};

// Whether somebody may do something, as a SubjectAccessReview asks it (authorization.k8s.io/v1).
struct AccessRequest {
  Asker who;
  std::string verb, group, resource, ns, name;
};

// Equal for equal questions alone.
std::string keyOf(const AccessRequest& question);

}  // namespace errand::api
