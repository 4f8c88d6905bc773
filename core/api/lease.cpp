#include "core/api/lease.hpp"

#include "core/api/reader.hpp"

namespace errand::api {

template <>
Result<Lease> decode(const nlohmann::json& value) {
  Lease out;
  const Reader r(value);
  readMeta(r, out.meta);
  r.object("spec", [&](const Reader& spec) {
    spec.read("holderIdentity", out.holder);
    spec.read("leaseDurationSeconds", out.durationSeconds);
    spec.read("leaseTransitions", out.transitions);
    spec.read("acquireTime", out.acquireTime);
    spec.read("renewTime", out.renewTime);
  });
  return r.finish(std::move(out));
}

nlohmann::json encode(const Lease& lease) {
  nlohmann::json spec = {{"holderIdentity", nullptr},
                         {"leaseDurationSeconds", lease.durationSeconds},
                         {"leaseTransitions", lease.transitions}};
  if (!lease.holder.empty()) spec["holderIdentity"] = lease.holder;
  if (lease.acquireTime) spec["acquireTime"] = formatMicroTime(*lease.acquireTime);
  if (lease.renewTime) spec["renewTime"] = formatMicroTime(*lease.renewTime);
  return {{"apiVersion", "coordination.k8s.io/v1"},
          {"kind", "Lease"},
          {"metadata", encode(lease.meta)},
          {"spec", std::move(spec)}};
}

}  // namespace errand::api
