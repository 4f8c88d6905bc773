// Feeds the AdmissionReview reader and all that checks what it read: an answer
// or an error for any bytes, never an allowed pod that could not be read.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "rules/cluster/memoryclusterstate.hpp"
#include "webhook/review.hpp"

using namespace errand;

namespace {

// Nothing exists, and everything is allowed.
const rules::ClusterState& cluster() {
  static const rules::MemoryClusterState all(
      {.role = std::make_shared<const rules::RoleFacts>(), .may = true});
  return all;
}

const rules::RuleSettings& settings() {
  static const rules::RuleSettings all{.operatorUser = "system:serviceaccount:errand-system:errand-operator"};
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  for (const webhook::Path path : {webhook::Path::Mutate, webhook::Path::Validate}) {
    const auto outcome = webhook::review(path, body, cluster(), settings(), Time{});
    if (outcome ? outcome->body.empty() : outcome.error().message.empty()) std::abort();
  }
  return 0;
}
