#include "core/api/exemption.hpp"

#include "core/api/table/codec.hpp"
#include "core/api/table/exemption.hpp"

namespace errand::api {
namespace {

constexpr Seconds kLongest{90 * 24 * 3600};

}  // namespace

bool Exemption::isInForce(Time now) const {
  return expiresAt && now < *expiresAt && *expiresAt <= meta.creationTimestamp.value_or(now) + kLongest;
}

ERRAND_DECODES(Exemption)

nlohmann::json encode(const Exemption& exemption) { return writeFields(exemption); }

}  // namespace errand::api
