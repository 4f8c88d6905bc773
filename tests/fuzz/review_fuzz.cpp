// Feeds the AdmissionReview reader and all that checks what it read: an answer
// or an error for any bytes, never an allowed pod that could not be read.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "webhook/review.hpp"

using namespace errand;

namespace {

const rules::Views& views() {
  static const rules::Views all = [] {
    rules::Views out;
    out.operatorUser = "system:serviceaccount:errand-system:errand-operator";
    out.grant = [](std::string_view, std::string_view) { return nullptr; };
    out.grantOfAccount = [](std::string_view, std::string_view) { return nullptr; };
    out.identity = [](std::string_view, std::string_view) { return nullptr; };
    out.identities = [](std::string_view) {
      return std::vector<std::shared_ptr<const api::AgentIdentity>>();
    };
    out.exemptions = [](std::string_view) { return std::vector<std::shared_ptr<const api::Exemption>>(); };
    out.mode = [](std::string_view) { return rules::Mode::Enforce; };
    out.facts = [](std::string_view) { return policy::NamespaceFacts{.enforced = true}; };
    return out;
  }();
  return all;
}

const webhook::RequestViews& requests() {
  static const webhook::RequestViews all = {
      .may = [](const api::AccessRequest&) { return std::optional(true); },
      .grantsOfWorkload = [](auto, auto,
                             auto) { return std::vector<std::shared_ptr<const api::TaskGrant>>(); },
      .dangers = [](const webhook::RoleKey&) { return std::optional(std::vector<policy::Danger>()); }};
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  for (const webhook::Path path : {webhook::Path::Mutate, webhook::Path::Validate}) {
    const auto outcome = webhook::review(path, body, views(), requests(), Time{});
    if (outcome ? outcome->body.empty() : outcome.error().message.empty()) std::abort();
  }
  return 0;
}
