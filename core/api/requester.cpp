#include "core/api/requester.hpp"

#include <nlohmann/json.hpp>

#include "core/base/crypto.hpp"
#include "core/json/value.hpp"

namespace errand::api {

nlohmann::json encode(const Requester& requester) {
  nlohmann::json out = {{"username", requester.user}};
  if (!requester.uid.empty()) out["uid"] = requester.uid;
  if (!requester.groups.empty()) out["groups"] = requester.groups;
  if (!requester.extra.empty()) out["extra"] = requester.extra;
  return out;
}

// The digest is of JSON, so that no text of a user can imitate another field.
Asker::Asker(Requester who) {
  std::string digest = sha256Hex(printJson(encode(who)));
  held_ = std::make_shared<const Held>(std::move(who), std::move(digest));
}

std::string keyOf(const AccessRequest& q) {
  return q.who.digest() + printJson(nlohmann::json::array({q.verb, q.group, q.resource, q.ns, q.name}));
}

}  // namespace errand::api
