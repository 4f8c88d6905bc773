#include "operator/plan/leases.hpp"

namespace errand::plan {

std::string leasedVersion(const api::PartialObject& source) {
  return source.meta.name + "@" + source.meta.uid + "/" + source.meta.resourceVersion;
}

std::string leasedVersions(const Observed& o) {
  std::string out;
  for (const auto& source : o.leasedSecrets)
    out.append(out.empty() ? "" : " ").append(leasedVersion(*source));
  return out;
}

}  // namespace errand::plan
