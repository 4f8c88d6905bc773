// The requester of an object, as the API server reports the user (authentication.k8s.io/v1 UserInfo).
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/accounts.hpp"
#include "core/base/result.hpp"

namespace errand::api {

// A user with groups and extra fields.
struct Requester {
  std::string user, uid;
  std::vector<std::string> groups;
  std::map<std::string, std::vector<std::string>> extra;

  bool isServiceAccount() const { return user.starts_with(kAccountUserPrefix); }
  bool operator==(const Requester&) const = default;
};

// Returns {"username":…,"uid":…,"groups":[…],"extra":{…}}. Omits an empty uid, groups or extra.
nlohmann::json encode(const Requester& requester);

// A requester with a digest that identifies it. Copies are cheap, because they share both.
class Asker {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): any Requester may stand for an Asker.
  Asker(Requester who = {});

  const Requester& operator*() const { return held_->who; }
  const Requester* operator->() const { return &held_->who; }
  // Two requesters with equal digests are equal.
  const std::string& digest() const { return held_->digest; }

 private:
  struct Held {
    Requester who;
    std::string digest;
  };
  std::shared_ptr<const Held> held_;
};

// The attributes of a SubjectAccessReview (authorization.k8s.io/v1): may `who` make this request? An empty
// name means every object, an empty ns every namespace.
struct AccessRequest {
  Asker who;
  std::string verb, group, resource, ns, name;
};

// Returns a key for a cache: different questions have different keys.
std::string keyOf(const AccessRequest& question);

}  // namespace errand::api
