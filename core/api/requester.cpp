#include "core/api/requester.hpp"

#include "core/api/codec.hpp"
#include "core/api/reader.hpp"

namespace errand::api {

nlohmann::json encode(const Requester& requester) {
  nlohmann::json out = {{"username", requester.user}};
  put(out, "uid", requester.uid);
  if (!requester.groups.empty()) out["groups"] = requester.groups;
  if (!requester.extra.empty()) out["extra"] = requester.extra;
  return out;
}

Result<Requester> decodeRequester(std::string_view text) {
  const Result<nlohmann::json> json = parseJson(text);
  if (!json) return std::unexpected(json.error());
  Requester out;
  const Reader r(*json);
  r.read("username", out.user);
  r.read("uid", out.uid);
  r.read("groups", out.groups);
  r.object("extra", [&](const Reader& extra) {
    for (const auto& [key, values] : json->at("extra").items()) extra.read(key.c_str(), out.extra[key]);
  });
  return r.finish(std::move(out));
}

// A JSON array, for it has one form: no user's text can pass for another field.
std::string keyOf(const Question& q) {
  return nlohmann::json::array({encode(q.who), q.verb, q.group, q.resource, q.ns, q.name})
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace errand::api
