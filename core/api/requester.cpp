#include "core/api/requester.hpp"

#include "core/api/codec.hpp"
#include "core/api/reader.hpp"
#include "core/base/crypto.hpp"

namespace errand::api {

nlohmann::json encode(const Requester& requester) {
  nlohmann::json out = {{"username", requester.user}};
  put(out, "uid", requester.uid);
  if (!requester.groups.empty()) out["groups"] = requester.groups;
  if (!requester.extra.empty()) out["extra"] = requester.extra;
  return out;
}

// JSON has one form: no user's text can pass for another field.
Asker::Asker(Requester who) {
  std::string digest = sha256Hex(encode(who).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  held_ = std::make_shared<const Held>(std::move(who), std::move(digest));
}

std::string keyOf(const AccessRequest& q) {
  return q.who.digest() + nlohmann::json::array({q.verb, q.group, q.resource, q.ns, q.name})
                              .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace errand::api
