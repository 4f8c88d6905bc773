#include "core/api/exemption.hpp"

#include "core/api/names.hpp"
#include "core/api/reader.hpp"
#include "core/api/selector.hpp"

namespace errand::api {
namespace {

constexpr Seconds kLongest{90 * 24 * 3600};

}  // namespace

bool Exemption::isInForce(Time now) const {
  return expiresAt && now < *expiresAt && *expiresAt <= meta.creationTimestamp.value_or(now) + kLongest;
}

template <>
Result<Exemption> decode(const nlohmann::json& value) {
  Exemption out;
  const Reader r(value);
  readMeta(r, out.meta);
  r.object("spec", [&](const Reader& spec) {
    spec.read("owner", out.owner);
    spec.read("reason", out.reason);
    readNames(spec, "rules", out.rules);
    spec.object("podSelector", [&](const Reader& s) { readSelector(s, out.podSelector.emplace()); });
    spec.list("objects", out.objects, [](const Reader& o, Exemption::Object& object) {
      o.read("kind", object.kind);
      o.read("name", object.name);
    });
    readNames(spec, "secrets", out.secrets);
    spec.read("expiresAt", out.expiresAt);
  });
  return r.finish(std::move(out));
}

nlohmann::json encode(const Exemption& exemption) {
  nlohmann::json spec = {{"owner", exemption.owner}, {"reason", exemption.reason}};
  putNames(spec, "rules", exemption.rules);
  if (exemption.podSelector) spec["podSelector"] = encode(*exemption.podSelector);
  for (const auto& object : exemption.objects)
    spec["objects"].push_back({{"kind", object.kind}, {"name", object.name}});
  putNames(spec, "secrets", exemption.secrets);
  put(spec, "expiresAt", exemption.expiresAt);
  return {{"apiVersion", kGroupVersion},
          {"kind", "Exemption"},
          {"metadata", encode(exemption.meta)},
          {"spec", std::move(spec)}};
}

}  // namespace errand::api
