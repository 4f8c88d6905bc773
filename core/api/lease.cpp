#include "core/api/lease.hpp"

#include "core/api/table/codec.hpp"
#include "core/api/table/objects.hpp"

namespace errand::api {

ERRAND_DECODES(Lease)

nlohmann::json encode(const Lease& lease) { return writeFields(lease); }

}  // namespace errand::api
